package io.sparkqa.decode;

import java.util.List;

/**
 * The answer to one question.
 *
 * @param text the text of the best candidate that has a text, regardless of the null odds; "" if there is none
 * @param nullOdds null score minus the score of the best candidate that has a text
 * @param nBest the best candidates, best first, including the null candidate, whose text is ""
 */
public record Prediction(String text, float nullOdds, List<Candidate> nBest) {
    /** The prediction for a question without windows. */
    public static final Prediction NONE = new Prediction("", 0, List.of());

    /**
     * A possible answer.
     *
     * @param probability softmax of the scores over the n best
     * @param start index of its first code point in the context
     * @param end index after its last code point
     */
    public record Candidate(String text, float startLogit, float endLogit, float probability, int start, int end) {}

    /** Returns the answer at a threshold: "" if the null odds exceed it, else the text. */
    public String at(double nullThreshold) {
        return nullOdds > nullThreshold ? "" : text;
    }

    /**
     * Returns this prediction without the candidate "empty", a text that is not in the context; run_qa.py lists it where there
     * is no span.
     */
    Prediction ofSpans() {
        List<Candidate> spans = nBest.stream()
                .filter(candidate -> candidate.text().isEmpty() || candidate.start() < candidate.end())
                .toList();
        return spans.size() == nBest.size() ? this : new Prediction("", nullOdds, spans);
    }
}
