package io.sparkqa.report;

import io.sparkqa.decode.Prediction;
import java.util.List;
import java.util.Map;

/**
 * A run's answers to one split.
 *
 * @param metrics the official metrics by their keys
 * @param outcomes outcomes of all questions, in the data set's order
 * @param answers answers to the questions in {@code questions}, by example index
 */
public record ReportedSplit(
        String name,
        double nullThreshold,
        Map<String, Double> metrics,
        List<Outcome> outcomes,
        QuestionSet questions,
        Map<Long, Answer> answers) {

    /**
     * An answer in full.
     *
     * @param given the given answer, "" for none
     * @param outcome scores of the answer
     */
    public record Answer(String given, Prediction prediction, Outcome outcome) {}
}
