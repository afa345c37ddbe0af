package io.sparkqa.report;

import io.sparkqa.evaluate.AnswerScore;
import java.util.ArrayList;
import java.util.List;

/**
 * The scores at every null threshold. A question is left unanswered if its null odds exceed the threshold.
 *
 * @param curve points in ascending order of thresholds
 * @param chosen point at the threshold of the answers
 * @param bestExact point with the best exact match
 * @param bestF1 point with the best F1
 */
record ThresholdSweep(List<Point> curve, Point chosen, Point bestExact, Point bestF1) {
    private static final int POINTS = 200;
    /** Share of the questions at each end whose null odds are outside of the curve. */
    private static final double TAIL = 0.005;

    /** Scores in percent. {@code answerable} and {@code unanswerable} are the F1 of these questions, NaN if there are none. */
    record Point(double threshold, double exact, double f1, double answerable, double unanswerable) {}

    /** Sums up texts whose scores are given in ascending order of their null odds. */
    static ThresholdSweep of(List<AnswerScore> surestFirst, double nullThreshold) {
        double[] odds = surestFirst.stream()
                .mapToDouble(score -> score.text().nullOdds())
                .toArray();
        Sums sums = new Sums(surestFirst);
        double low = odds[(int) (TAIL * (odds.length - 1))];
        double high = odds[(int) Math.ceil((1 - TAIL) * (odds.length - 1))];
        double reach = high - low + 1;
        // a threshold far away would leave no room for the curve
        if (nullThreshold > low - reach && nullThreshold < high + reach) {
            low = Math.min(low, nullThreshold);
            high = Math.max(high, nullThreshold);
        }
        List<Point> curve = new ArrayList<>();
        Point chosen = null;
        Point bestExact = sums.at(Math.floor(odds[0]) - 1);
        Point bestF1 = bestExact;
        int next = 0;
        double step = (high - low) / POINTS;
        for (int answered = 0; answered <= odds.length; answered++) {
            double upTo = answered == odds.length ? Double.POSITIVE_INFINITY : odds[answered];
            // Every threshold from here to below the next question's odds answers the same questions.
            for (; next <= POINTS && low + next * step < upTo; next++) {
                curve.add(sums.at(low + next * step));
            }
            if (chosen == null && nullThreshold < upTo) {
                chosen = sums.at(nullThreshold);
            }
            if (answered > 0 && odds[answered - 1] < upTo) {
                Point here = sums.at(odds[answered - 1]);
                bestExact = here.exact() > bestExact.exact() ? here : bestExact;
                bestF1 = here.f1() > bestF1.f1() ? here : bestF1;
            }
            if (answered < odds.length) {
                sums.answer(surestFirst.get(answered));
            }
        }
        return new ThresholdSweep(curve, chosen, bestExact, bestF1);
    }

    /** Running sums while more and more questions are answered. */
    private static final class Sums {
        private final double answerables;
        private final double unanswerables;
        private double exact;
        private double answerable;
        private double unanswerable;

        Sums(List<AnswerScore> scores) {
            answerables =
                    scores.stream().filter(score -> score.text().hasAnswer()).count();
            unanswerables = scores.size() - answerables;
            exact = unanswerables;
            unanswerable = unanswerables;
        }

        void answer(AnswerScore score) {
            if (score.text().hasAnswer()) {
                exact += score.text().exact();
                answerable += score.text().f1();
            } else {
                exact += score.text().exact() - 1;
                unanswerable += score.text().f1() - 1;
            }
        }

        Point at(double threshold) {
            double all = answerables + unanswerables;
            return new Point(
                    threshold,
                    100 * exact / all,
                    100 * (answerable + unanswerable) / all,
                    100 * answerable / answerables,
                    100 * unanswerable / unanswerables);
        }
    }
}
