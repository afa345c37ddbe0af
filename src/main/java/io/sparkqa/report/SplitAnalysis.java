package io.sparkqa.report;

import io.sparkqa.evaluate.AnswerScore;
import io.sparkqa.evaluate.PrecisionRecall;
import io.sparkqa.evaluate.QuestionScore;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.ToDoubleFunction;

/**
 * The charts' data of a run's answers to one split.
 *
 * @param curves the official script's precision-recall curves, by name; empty if no question has an answer
 * @param oddsOfAnswerable share of the answerable questions in each of 20 bins of the probability of no answer
 * @param oddsOfUnanswerable share of the unanswerable questions in each of these bins
 */
record SplitAnalysis(
        Map<String, Curve> curves,
        List<Double> oddsOfAnswerable,
        List<Double> oddsOfUnanswerable,
        ThresholdSweep sweep,
        Map<String, List<Slices.Slice>> slices,
        Calibration calibration,
        Confusion confusion) {
    private static final int BINS = 20;
    private static final int POINTS = 300;

    /**
     * Precision over recall in steps.
     *
     * @param points pairs of recall and precision, 0 … 1
     * @param average area under the steps, 0 … 1
     */
    record Curve(List<List<Double>> points, double average) {}

    /** Numbers of answerable and unanswerable questions that were answered or not; {@code right} answers matched exactly. */
    record Confusion(
            int answerableAnswered,
            int answerableLeft,
            int answerableRight,
            int unanswerableAnswered,
            int unanswerableLeft) {}

    /** Analyses at least one outcome. */
    static SplitAnalysis of(ReportedSplit split) {
        List<Outcome> outcomes = split.outcomes();
        List<QuestionScore> predictions =
                outcomes.stream().map(Outcome::prediction).toList();
        boolean anyAnswer = predictions.stream().anyMatch(QuestionScore::hasAnswer);
        List<AnswerScore> surestFirst = outcomes.stream()
                .map(Outcome::score)
                .sorted(AnswerScore.BY_NULL_ODDS)
                .toList();
        return new SplitAnalysis(
                anyAnswer
                        ? Map.of(
                                "exact", curve(predictions, QuestionScore::exact),
                                "f1", curve(predictions, QuestionScore::f1),
                                "oracle", curve(predictions, score -> 1))
                        : Map.of(),
                histogram(predictions, true),
                histogram(predictions, false),
                ThresholdSweep.of(surestFirst, split.nullThreshold()),
                Slices.of(outcomes),
                Calibration.of(outcomes),
                confusion(predictions));
    }

    private static Curve curve(List<QuestionScore> predictions, ToDoubleFunction<QuestionScore> score) {
        PrecisionRecall all = PrecisionRecall.of(predictions, score);
        int last = all.recalls().size() - 1;
        List<List<Double>> points = new ArrayList<>();
        double drawn = -1;
        for (int i = 0; i <= last; i++) {
            double recall = all.recalls().get(i);
            if (i == last || recall - drawn >= 1.0 / POINTS) {
                points.add(List.of(recall, all.precisions().get(i)));
                drawn = recall;
            }
        }
        return new Curve(points, all.average());
    }

    /** Returns the shares of the bins. The probability of no answer is 1 / (1 + exp(-odds)), with differences of scores as odds. */
    private static List<Double> histogram(List<QuestionScore> predictions, boolean hasAnswer) {
        int[] counts = new int[BINS];
        int all = 0;
        for (QuestionScore score : predictions) {
            if (score.hasAnswer() == hasAnswer) {
                double probability = 1 / (1 + Math.exp(-score.nullOdds()));
                counts[Math.min((int) (probability * BINS), BINS - 1)]++;
                all++;
            }
        }
        List<Double> shares = new ArrayList<>();
        for (int count : counts) {
            shares.add(all == 0 ? 0 : (double) count / all);
        }
        return shares;
    }

    private static Confusion confusion(List<QuestionScore> predictions) {
        int[] counts = new int[4];
        int right = 0;
        for (QuestionScore score : predictions) {
            counts[(score.hasAnswer() ? 0 : 2) + (score.answered() ? 0 : 1)]++;
            right += score.hasAnswer() && score.answered() && score.exact() == 1 ? 1 : 0;
        }
        return new Confusion(counts[0], counts[1], right, counts[2], counts[3]);
    }
}
