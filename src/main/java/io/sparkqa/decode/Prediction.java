package io.sparkqa.decode;

import java.util.List;

/**
 * The answer to one question.
 *
 * @param text the best answer, whether or not the null odds speak against any; "" if there is none
 * @param nullOdds by how much the null score exceeds the best answer's score
 * @param nBest best first; with the null candidate, whose text is ""
 */
public record Prediction(String text, float nullOdds, List<Candidate> nBest) {
    /** What becomes of a question that fits into no window. */
    public static final Prediction NONE = new Prediction("", 0, List.of());

    /**
     * One of the n best.
     *
     * @param probability softmax of the scores over the n best
     * @param start code point of the context at which it begins
     * @param end code point of the context behind its last
     */
    public record Candidate(String text, float startLogit, float endLogit, float probability, int start, int end) {}

    /** The answer to give: "" if the null odds exceed the threshold. */
    public String at(double nullThreshold) {
        return nullOdds > nullThreshold ? "" : text;
    }
}
