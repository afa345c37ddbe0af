package io.sparkqa.report;

import io.sparkqa.decode.Prediction;
import java.util.List;
import java.util.Map;

/**
 * A run's answers to one split.
 *
 * @param metrics the official metrics by their keys
 * @param outcomes of all questions, in the data set's order
 * @param answers of the questions that {@code questions} holds, by example index
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
     * @param given the answer given, "" for none
     * @param outcome its scores
     */
    public record Answer(String given, Prediction prediction, Outcome outcome) {}
}
