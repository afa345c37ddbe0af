package io.sparkqa.evaluate;

import io.sparkqa.evaluate.SquadMetrics.AveragePrecision;
import io.sparkqa.evaluate.SquadMetrics.Best;
import io.sparkqa.evaluate.SquadMetrics.Mean;
import io.sparkqa.evaluate.SquadMetrics.Threshold;
import java.util.Optional;
import java.util.function.ToDoubleFunction;

/**
 * Metrics of a data set of any size, of which no score is kept: all scores pass by twice, first in the data set's order,
 * which the sums depend on, then the surest first, which the thresholds do.
 */
final class RunningMetrics {
    private final Sum hasAnswer = new Sum();
    private final Sum noAnswer = new Sum();
    private final Sum all = new Sum();
    private Ranking ranking;

    /** Takes a score in the data set's order. */
    void count(QuestionScore score) {
        all.add(score);
        (score.hasAnswer() ? hasAnswer : noAnswer).add(score);
    }

    /** Takes a score again, in ascending order of the null odds, once all are counted. */
    void rank(QuestionScore score) {
        if (ranking == null) {
            ranking = new Ranking(hasAnswer.total, noAnswer.total);
        }
        ranking.add(score);
    }

    /** Questions counted. */
    int total() {
        return all.total;
    }

    /** Unanswerable questions counted. */
    int unanswerable() {
        return noAnswer.total;
    }

    /** What counting alone tells. */
    SquadMetrics means() {
        return new SquadMetrics(all.mean(), hasAnswer.mean(), noAnswer.mean(), Optional.empty(), Optional.empty());
    }

    /** All metrics. */
    SquadMetrics metrics() {
        return new SquadMetrics(
                all.mean(), hasAnswer.mean(), noAnswer.mean(), Optional.of(best()), ranking.averagePrecision());
    }

    /** The best thresholds. */
    Best best() {
        return new Best(ranking.exact.best(all.total), ranking.f1.best(all.total));
    }

    private static final class Sum {
        private double exact;
        private double f1;
        private int total;

        /** Plainly: a sum that compensates for rounding differs from Python's in the last digit. */
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
            PrecisionRecall.Step untold = (recall, precision) -> {};
            this.exactCurve = new PrecisionRecall.Walk(positives, QuestionScore::exact, untold);
            this.f1Curve = new PrecisionRecall.Walk(positives, QuestionScore::f1, untold);
            this.oracleCurve = new PrecisionRecall.Walk(positives, score -> 1, untold);
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

    /** Answers one question more at a time, in the order of the null odds, and keeps the first best state. */
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
