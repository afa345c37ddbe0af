package io.sparkqa.evaluate;

import java.util.ArrayList;
import java.util.List;
import java.util.function.ToDoubleFunction;

/**
 * The precision-recall curve of answering ever more questions, the surest first, as SQuAD's official script draws it.
 *
 * @param recalls 0 … 1, ascending, beginning with 0
 * @param precisions 0 … 1, one per recall, beginning with 1
 * @param average area under the steps, 0 … 1
 */
public record PrecisionRecall(List<Double> recalls, List<Double> precisions, double average) {

    /**
     * Walks through the questions by null odds; those of equal odds are one step.
     *
     * @param score how right the answer to an answerable question is, 0 … 1
     */
    public static PrecisionRecall of(List<QuestionScore> scores, ToDoubleFunction<QuestionScore> score) {
        long positives = scores.stream().filter(QuestionScore::hasAnswer).count();
        List<Double> recalls = new ArrayList<>(List.of(0.0));
        List<Double> precisions = new ArrayList<>(List.of(1.0));
        Walk walk = new Walk(positives, score, (recall, precision) -> {
            recalls.add(recall);
            precisions.add(precision);
        });
        scores.stream().sorted(QuestionScore.SUREST_FIRST).forEach(walk::add);
        return new PrecisionRecall(recalls, precisions, walk.average());
    }

    /** Takes a step of the curve. */
    @FunctionalInterface
    interface Step {
        void to(double recall, double precision);
    }

    /** The way along the curve, of which nothing is kept. */
    static final class Walk {
        private final double positives;
        private final ToDoubleFunction<QuestionScore> score;
        private final Step curve;
        private double truePositives;
        private long answered;
        private double lastRecall;
        private double lastOdds;
        private double average;

        Walk(double positives, ToDoubleFunction<QuestionScore> score, Step curve) {
            this.positives = positives;
            this.score = score;
            this.curve = curve;
        }

        /** Answers one question more, of null odds no smaller than those of the last. */
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
            curve.to(recall, precision);
        }

        /** The area under the steps when all questions are answered, 0 … 1. */
        double average() {
            if (answered > 0) {
                step();
            }
            return average;
        }
    }
}
