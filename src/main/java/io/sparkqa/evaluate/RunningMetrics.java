package io.sparkqa.evaluate;

import io.sparkqa.evaluate.SquadMetrics.AveragePrecision;
import io.sparkqa.evaluate.SquadMetrics.Best;
import io.sparkqa.evaluate.SquadMetrics.Mean;
import io.sparkqa.evaluate.SquadMetrics.Threshold;
import java.util.Optional;
import java.util.function.ToDoubleFunction;

/**
 * Computes the metrics of a data set in two passes over its scores, without keeping them: first in the data set's order
 * (the sums depend on it), then by ascending null odds (the thresholds depend on it).
 */
final class RunningMetrics {
    private final Sum hasAnswer = new Sum();
    private final Sum noAnswer = new Sum();
    private final Sum all = new Sum();
    private Ranking ranking;

    /** Adds a score of the first pass, in the data set's order. */
    void count(QuestionScore score) {
        all.add(score);
        (score.hasAnswer() ? hasAnswer : noAnswer).add(score);
    }

    /** Adds a score of the second pass, in ascending order of the null odds, after all scores were counted. */
    void rank(QuestionScore score) {
        if (ranking == null) {
            ranking = new Ranking(hasAnswer.total, noAnswer.total);
        }
        ranking.add(score);
    }

    /** Returns the number of questions. */
    int total() {
        return all.total;
    }

    /** Returns the number of unanswerable questions. */
    int unanswerable() {
        return noAnswer.total;
    }

    /** Returns the metrics that need the first pass only. */
    SquadMetrics means() {
        return new SquadMetrics(all.mean(), hasAnswer.mean(), noAnswer.mean(), Optional.empty(), Optional.empty());
    }

    /** Returns all metrics. */
    SquadMetrics metrics() {
        return new SquadMetrics(
                all.mean(), hasAnswer.mean(), noAnswer.mean(), Optional.of(best()), ranking.averagePrecision());
    }

    /** Returns the best thresholds. */
    Best best() {
        return new Best(ranking.exact.best(all.total), ranking.f1.best(all.total));
    }

    private static final class Sum {
        private double exact;
        private double f1;
        private int total;

        /** Adds without compensation for rounding errors, as Python does: the last digit depends on it. */
        void add(QuestionScore score) {
            exact += score.exact();
            f1 += score.f1();
            total++;
        }

        Mean mean() {
            return new Mean(100.0 * exact / total, 100.0 * f1 / total, total);
        }
    }

    private static final class Ranking {
        private final int positives;
        private final Search exact;
        private final Search f1;
        private final PrecisionRecall.Walk exactCurve;
        private final PrecisionRecall.Walk f1Curve;
        private final PrecisionRecall.Walk oracleCurve;

        Ranking(int positives, int unanswerable) {
            this.positives = positives;
            this.exact = new Search(unanswerable, QuestionScore::exact);
            this.f1 = new Search(unanswerable, QuestionScore::f1);
            PrecisionRecall.Step ignored = (recall, precision) -> {};
            this.exactCurve = new PrecisionRecall.Walk(positives, QuestionScore::exact, ignored);
            this.f1Curve = new PrecisionRecall.Walk(positives, QuestionScore::f1, ignored);
            this.oracleCurve = new PrecisionRecall.Walk(positives, score -> 1, ignored);
        }

        void add(QuestionScore score) {
            exact.add(score);
            f1.add(score);
            exactCurve.add(score);
            f1Curve.add(score);
            oracleCurve.add(score);
        }

        Optional<AveragePrecision> averagePrecision() {
            return positives == 0
                    ? Optional.empty()
                    : Optional.of(new AveragePrecision(
                            100.0 * exactCurve.average(), 100.0 * f1Curve.average(), 100.0 * oracleCurve.average()));
        }
    }

    /** Searches the first threshold with the best score, answering one more question at a time in the order of the null odds. */
    private static final class Search {
        private final ToDoubleFunction<QuestionScore> score;
        private double sum;
        private double best;
        private double nullOdds;

        Search(int unanswerable, ToDoubleFunction<QuestionScore> score) {
            this.score = score;
            this.sum = unanswerable;
            this.best = unanswerable;
        }

        void add(QuestionScore each) {
            if (each.hasAnswer()) {
                sum += score.applyAsDouble(each);
            } else if (each.answered()) {
                sum -= 1;
            }
            if (sum > best) {
                best = sum;
                nullOdds = each.nullOdds();
            }
        }

        Threshold best(int total) {
            return new Threshold(100.0 * best / total, nullOdds);
        }
    }
}
