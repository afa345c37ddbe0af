package io.sparkqa.squad;

import java.util.List;

/**
 * A question about a context, with the answers that people gave.
 *
 * @param exampleIndex position in the data set, from 0, in the order of its files
 * @param title of the article that the context is from
 * @param answers none if the question is unanswerable; training learns the first
 * @param impossible what the file says; nothing but {@code answers} decides labels and metrics
 */
public record Example(
        long exampleIndex,
        String id,
        String title,
        String context,
        String question,
        List<Answer> answers,
        boolean impossible) {

    /**
     * A span of the context.
     *
     * @param answerStart its first character, counted in code points of the context
     */
    public record Answer(String text, int answerStart) {
        /** The code point of the context behind the answer's last. */
        public int answerEnd() {
            return answerStart + text.codePointCount(0, text.length());
        }
    }

    /** The answers that are not what the context has at their place. */
    public List<Answer> misplacedAnswers() {
        return answers.stream()
                .filter(answer -> !answer.text().equals(contextPart(answer.answerStart(), answer.answerEnd())))
                .toList();
    }

    /** What the context has from one code point to another; less if it does not reach so far. */
    public String contextPart(int start, int end) {
        int length = context.codePointCount(0, context.length());
        int first = Math.max(0, Math.min(start, length));
        int last = Math.max(first, Math.min(end, length));
        int from = context.offsetByCodePoints(0, first);
        return context.substring(from, context.offsetByCodePoints(from, last - first));
    }
}
