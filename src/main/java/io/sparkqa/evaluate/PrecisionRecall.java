package io.sparkqa.evaluate;

import java.util.ArrayList;
import java.util.List;
import java.util.function.ToDoubleFunction;

/**
 * The precision-recall curve of answering the questions one by one, in the order of their null odds, as SQuAD's official
 * script draws it.
 *
 * @param recalls 0 … 1, ascending, starting with 0
 * @param precisions 0 … 1, one for each recall, starting with 1
 * @param average area under the step curve, 0 … 1
 */
public record PrecisionRecall(List<Double> recalls, List<Double> precisions, double average) {

    /**
     * Computes the curve. Questions with equal null odds are one step of it.
     *
     * @param score score of the answer to an answerable question, 0 … 1
     */
    public static PrecisionRecall of(List<QuestionScore> scores, ToDoubleFunction<QuestionScore> score) {
        long positives = scores.stream().filter(QuestionScore::hasAnswer).count();
        List<Double> recalls = new ArrayList<>(List.of(0.0));
        List<Double> precisions = new ArrayList<>(List.of(1.0));
        Walk walk = new Walk(positives, score, (recall, precision) -> {
            recalls.add(recall);
            precisions.add(precision);
        });
        scores.stream().sorted(QuestionScore.BY_NULL_ODDS).forEach(walk::add);
        return new PrecisionRecall(recalls, precisions, walk.average());
    }

    /** Receives the steps of a curve. */
    @FunctionalInterface
    interface Step {
        void accept(double recall, double precision);
    }

    /** Computes the steps of a curve without keeping them. */
    static final class Walk {
        private final double positives;
        private final ToDoubleFunction<QuestionScore> score;
        private final Step steps;
        private double truePositives;
        private long answered;
        private double lastRecall;
        private double lastOdds;
        private double average;

        Walk(double positives, ToDoubleFunction<QuestionScore> score, Step steps) {
            this.positives = positives;
            this.score = score;
            this.steps = steps;
        }

        /** Adds a question, whose null odds are not smaller than the previous question's. */
        void add(QuestionScore each) {
            if (answered > 0 && each.nullOdds() != lastOdds) {
                step();
            }
            truePositives += each.hasAnswer() ? score.applyAsDouble(each) : 0;
            answered++;
            lastOdds = each.nullOdds();
        }

        private void step() {
            double precision = truePositives / answered;
            double recall = truePositives / positives;
            average += precision * (recall - lastRecall);
            lastRecall = recall;
            steps.accept(recall, precision);
        }

        /** Returns the area under the curve after all questions were added, 0 … 1. */
        double average() {
            if (answered > 0) {
                step();
            }
            return average;
        }
    }
}
