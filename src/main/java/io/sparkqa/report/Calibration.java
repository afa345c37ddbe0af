package io.sparkqa.report;

import java.util.ArrayList;
import java.util.List;

/**
 * The calibration of the model: its confidence compared with its accuracy.
 *
 * @param bins bins of equal width over 0 … 1, without the empty ones
 * @param error the expected calibration error: mean distance of confidence and accuracy over the bins, weighted by
 *     questions, 0 … 1 (Naeini et al. 2015)
 * @param confidence mean over all questions, 0 … 1
 * @param accuracy mean exact match over the same questions, 0 … 1
 */
record Calibration(List<Bin> bins, double error, double confidence, double accuracy) {
    private static final int BINS = 10;

    /** Questions whose confidence lies between {@code from} and {@code from} + 0.1; both means are 0 … 1. */
    record Bin(double from, int questions, double confidence, double accuracy) {}

    static Calibration of(List<Outcome> outcomes) {
        int[] questions = new int[BINS];
        double[] confidence = new double[BINS];
        double[] accuracy = new double[BINS];
        for (Outcome outcome : outcomes) {
            if (!Double.isNaN(outcome.confidence())) {
                int bin = Math.max(0, Math.min((int) (outcome.confidence() * BINS), BINS - 1));
                questions[bin]++;
                confidence[bin] += outcome.confidence();
                accuracy[bin] += outcome.prediction().exact();
            }
        }
        List<Bin> bins = new ArrayList<>();
        int all = 0;
        double gaps = 0;
        double confidences = 0;
        double accuracies = 0;
        for (int i = 0; i < BINS; i++) {
            if (questions[i] > 0) {
                bins.add(new Bin(
                        (double) i / BINS, questions[i], confidence[i] / questions[i], accuracy[i] / questions[i]));
                all += questions[i];
                gaps += Math.abs(confidence[i] - accuracy[i]);
                confidences += confidence[i];
                accuracies += accuracy[i];
            }
        }
        return all == 0
                ? new Calibration(List.of(), 0, 0, 0)
                : new Calibration(bins, gaps / all, confidences / all, accuracies / all);
    }
}
