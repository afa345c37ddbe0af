package io.sparkqa.evaluate;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * SQuAD 2.0's official metrics of a data set, in percent.
 *
 * @param hasAnswer over the answerable questions
 * @param noAnswer over the unanswerable questions
 * @param best what the best threshold on the null odds would give
 * @param averagePrecision areas under the precision-recall curves
 */
public record SquadMetrics(
        Mean all, Mean hasAnswer, Mean noAnswer, Optional<Best> best, Optional<AveragePrecision> averagePrecision) {

    /** Mean scores of {@code total} questions, in percent; NaN over none. */
    public record Mean(double exact, double f1, int total) {}

    /** The best thresholds, each chosen for its own score. */
    public record Best(Threshold exact, Threshold f1) {}

    /**
     * A score in percent, and the null odds above which questions stay unanswered to reach it; 0 odds if leaving all
     * questions unanswered is best.
     */
    public record Threshold(double score, double nullOdds) {}

    /** Areas under the precision-recall curves, in percent; the oracle knows which questions have answers. */
    public record AveragePrecision(double exact, double f1, double oracle) {}

    /** Means over scores in the data set's order; questions with null odds above the threshold count as unanswered. */
    public static SquadMetrics of(List<QuestionScore> scores, double threshold) {
        RunningMetrics tally = new RunningMetrics();
        scores.forEach(score -> tally.count(score.at(threshold)));
        return tally.means();
    }

    /**
     * Adds the best thresholds.
     *
     * @param scores all questions, in the order of the null odds' file: it decides among equal odds
     */
    public SquadMetrics withBest(List<QuestionScore> scores) {
        RunningMetrics tally = new RunningMetrics();
        scores.forEach(tally::count);
        scores.stream().sorted(QuestionScore.SUREST_FIRST).forEach(tally::rank);
        return new SquadMetrics(all, hasAnswer, noAnswer, Optional.of(tally.best()), averagePrecision);
    }

    /** Adds the areas under the precision-recall curves. */
    public SquadMetrics with(AveragePrecision areas) {
        return new SquadMetrics(all, hasAnswer, noAnswer, best, Optional.of(areas));
    }

    /** The official script's keys, in its order. */
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

    /** One JSON object in one line. */
    public String toJson() {
        return byKey().entrySet().stream().map(SquadMetrics::field).collect(Collectors.joining(", ", "{", "}"));
    }

    /** One JSON object, a line a key. */
    public String toIndentedJson() {
        return byKey().entrySet().stream()
                .map(SquadMetrics::field)
                .collect(Collectors.joining(",\n  ", "{\n  ", "\n}"));
    }

    private static String field(Map.Entry<String, Number> entry) {
        return String.format(Locale.ROOT, "\"%s\": %s", entry.getKey(), entry.getValue());
    }

    private static void put(Map<String, Number> byKey, String prefix, Mean mean) {
        byKey.put(prefix + "exact", mean.exact);
        byKey.put(prefix + "f1", mean.f1);
        byKey.put(prefix + "total", mean.total);
    }
}
