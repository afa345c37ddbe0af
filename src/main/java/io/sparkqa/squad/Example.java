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
    public record Answer(String text, int answerStart) {}
}
