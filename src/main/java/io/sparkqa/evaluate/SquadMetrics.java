package io.sparkqa.evaluate;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The metrics of SQuAD 2.0's official script for a data set, in percent.
 *
 * @param hasAnswer over the answerable questions
 * @param noAnswer over the unanswerable questions
 * @param best the best thresholds of the null odds, and the scores at them
 * @param averagePrecision areas under the precision-recall curves
 */
public record SquadMetrics(
        Mean all, Mean hasAnswer, Mean noAnswer, Optional<Best> best, Optional<AveragePrecision> averagePrecision) {

    /** Mean scores of {@code total} questions, in percent; NaN if there are none. */
    public record Mean(double exact, double f1, int total) {}

    /** The thresholds with the best exact score and with the best F1. */
    public record Best(Threshold exact, Threshold f1) {}

    /**
     * A score in percent and the threshold that gives it: questions with greater null odds stay unanswered. The official
     * search returns the threshold 0 if it is best to leave all questions unanswered.
     */
    public record Threshold(double score, double nullOdds) {}

    /** Areas under the precision-recall curves, in percent; the oracle scores 1 for each answerable question. */
    public record AveragePrecision(double exact, double f1, double oracle) {}

    /**
     * Returns the mean scores. Questions with null odds above the threshold count as unanswered.
     *
     * @param scores scores of all questions, in the data set's order
     */
    public static SquadMetrics of(List<QuestionScore> scores, double threshold) {
        RunningMetrics running = new RunningMetrics();
        scores.forEach(score -> running.count(score.at(threshold)));
        return running.means();
    }

    /**
     * Returns these metrics with the best thresholds.
     *
     * @param scores scores of all questions, in the order of the null odds' file, which decides among equal odds
     */
    public SquadMetrics withBest(List<QuestionScore> scores) {
        RunningMetrics running = new RunningMetrics();
        scores.forEach(running::count);
        scores.stream().sorted(QuestionScore.BY_NULL_ODDS).forEach(running::rank);
        return new SquadMetrics(all, hasAnswer, noAnswer, Optional.of(running.best()), averagePrecision);
    }

    /** Returns these metrics with the areas under the precision-recall curves. */
    public SquadMetrics with(AveragePrecision areas) {
        return new SquadMetrics(all, hasAnswer, noAnswer, best, Optional.of(areas));
    }

    /** Returns the metrics by the official script's keys, in its order. */
    public Map<String, Number> byKey() {
        Map<String, Number> byKey = new LinkedHashMap<>();
        put(byKey, "", all);
        if (hasAnswer.total > 0) {
            put(byKey, "HasAns_", hasAnswer);
        }
        if (noAnswer.total > 0) {
            put(byKey, "NoAns_", noAnswer);
        }
        best.ifPresent(found -> {
            byKey.put("best_exact", found.exact.score);
            byKey.put("best_exact_thresh", found.exact.nullOdds);
            byKey.put("best_f1", found.f1.score);
            byKey.put("best_f1_thresh", found.f1.nullOdds);
        });
        averagePrecision.ifPresent(areas -> {
            byKey.put("pr_exact_ap", areas.exact);
            byKey.put("pr_f1_ap", areas.f1);
            byKey.put("pr_oracle_ap", areas.oracle);
        });
        return byKey;
    }

    /** Returns one JSON object in one line, as Python's {@code json.dumps} writes it. */
    public String toJson() {
        return PythonJson.LINE.write(byKey());
    }

    /** Returns one JSON object with one line for each key, as Python's {@code json.dumps} writes it with {@code indent=2}. */
    public String toIndentedJson() {
        return PythonJson.INDENTED.write(byKey());
    }

    private static void put(Map<String, Number> byKey, String prefix, Mean mean) {
        byKey.put(prefix + "exact", mean.exact);
        byKey.put(prefix + "f1", mean.f1);
        byKey.put(prefix + "total", mean.total);
    }
}
