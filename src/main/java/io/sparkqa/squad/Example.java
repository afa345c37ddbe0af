package io.sparkqa.squad;

import java.util.List;

/**
 * A question about a context, with the answers that people gave.
 *
 * @param exampleIndex position in the data set, counted from 0 in the order of its files
 * @param title title of the article that the context is from
 * @param answers empty if the question has no answer in the context; training learns the first
 * @param impossible the file's {@code is_impossible}; labels and metrics depend on {@code answers} alone
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
     * @param answerStart index of its first character, in code points of the context
     */
    public record Answer(String text, int answerStart) {
        /** Returns the index after the answer's last character, in code points of the context. */
        public int answerEnd() {
            return answerStart + text.codePointCount(0, text.length());
        }
    }

    /** Returns the answers whose text differs from the context at their position. */
    public List<Answer> misplacedAnswers() {
        return answers.stream()
                .filter(answer -> !answer.text().equals(contextPart(answer.answerStart(), answer.answerEnd())))
                .toList();
    }

    /** Returns the context from code point {@code start} to {@code end}, cut off where the context ends. */
    public String contextPart(int start, int end) {
        int length = context.codePointCount(0, context.length());
        int first = Math.max(0, Math.min(start, length));
        int last = Math.max(first, Math.min(end, length));
        int from = context.offsetByCodePoints(0, first);
        return context.substring(from, context.offsetByCodePoints(from, last - first));
    }
}
