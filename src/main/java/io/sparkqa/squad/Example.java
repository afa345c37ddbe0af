package io.sparkqa.squad;

import java.util.List;
import java.util.Optional;

/**
 * A question about a context, with its gold answers.
 *
 * @param exampleIndex position in the data set, counted from 0 in the order of its files
 * @param title title of the article that contains the context
 * @param answers the gold answers, of which training learns the first; empty if the context has no answer
 * @param impossible the file's {@code is_impossible}; labels and metrics depend only on {@code answers}
 * @param labelled whether the answers are known; an unlabelled example has no answers and can be decoded, but not trained
 *     on or evaluated
 */
public record Example(
        long exampleIndex,
        String id,
        String title,
        String context,
        String question,
        List<Answer> answers,
        boolean impossible,
        boolean labelled) {

    /** Creates a labelled example. */
    public Example(
            long exampleIndex,
            String id,
            String title,
            String context,
            String question,
            List<Answer> answers,
            boolean impossible) {
        this(exampleIndex, id, title, context, question, answers, impossible, true);
    }

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

    /**
     * Creates an example from a file's values. An answer whose text is empty counts as no answer, unless the question is
     * marked as answerable: then it is kept, for {@link #hasEmptyAnswer}.
     *
     * @param answers the answers; empty if the file does not give them
     * @param impossible the file's {@code is_impossible}; empty if the file does not give it
     * @throws InvalidExample if the id is empty or a text contains NUL
     */
    public static Example of(
            long exampleIndex,
            String id,
            String title,
            String context,
            String question,
            Optional<List<Answer>> answers,
            Optional<Boolean> impossible)
            throws InvalidExample {
        if (id.isEmpty()) {
            throw new InvalidExample("id is empty");
        }
        for (String text : List.of(id, title, context, question)) {
            if (text.indexOf('\0') >= 0) {
                throw new InvalidExample("a text contains the character NUL");
            }
        }
        if (answers.isEmpty()) {
            return new Example(exampleIndex, id, title, context, question, List.of(), impossible.orElse(false), false);
        }
        List<Answer> given = answers.get().stream()
                .filter(answer -> !answer.text().isEmpty())
                .toList();
        if (!impossible.orElse(given.isEmpty())) {
            given = answers.get();
        }
        return new Example(exampleIndex, id, title, context, question, given, impossible.orElse(given.isEmpty()), true);
    }

    /** Returns whether an answer's text is empty although the question is marked as answerable. */
    public boolean hasEmptyAnswer() {
        return answers.stream().anyMatch(answer -> answer.text().isEmpty());
    }

    /** Returns the answers whose text differs from the context at their position. */
    public List<Answer> misplacedAnswers() {
        return answers.stream()
                .filter(answer -> !answer.text().equals(contextPart(answer.answerStart(), answer.answerEnd())))
                .toList();
    }

    /** Returns the context from code point {@code start} to {@code end}, at most to its end. */
    public String contextPart(int start, int end) {
        return part(context, start, end);
    }

    /** Returns a text from code point {@code start} to {@code end}, at most to its end. */
    static String part(String text, int start, int end) {
        int length = text.codePointCount(0, text.length());
        int first = Math.max(0, Math.min(start, length));
        int last = Math.max(first, Math.min(end, length));
        int from = text.offsetByCodePoints(0, first);
        return text.substring(from, text.offsetByCodePoints(from, last - first));
    }
}
