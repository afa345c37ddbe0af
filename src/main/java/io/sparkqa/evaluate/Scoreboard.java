package io.sparkqa.evaluate;

import io.sparkqa.config.Printable;
import io.sparkqa.evaluate.SquadMetrics.Best;
import io.sparkqa.evaluate.SquadMetrics.Mean;
import io.sparkqa.evaluate.SquadMetrics.Threshold;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.BiConsumer;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * The scores of a model's answers to a data set.
 *
 * @param all the official script's metrics of the predictions and the null odds. Predictions above the null threshold in
 *     use are "", so the script searches the thresholds below that
 * @param byKind the same metrics for each kind of question, in the order of the kinds' names; empty without {@code
 *     evaluate.kind}
 * @param thresholds the best of all null thresholds
 */
public record Scoreboard(SquadMetrics all, Map<String, SquadMetrics> byKind, Best thresholds) {
    /** The smallest gain in F1 for which the table names the best threshold. */
    private static final double SMALLEST_GAIN = 0.01;

    private static final String ROW = "%-24s %7s %7s %10s";

    /**
     * Sums up the scores of a data set.
     *
     * @param answers scores of all questions, in the data set's order
     * @param kind finds a question's kind in its id
     */
    public static Scoreboard of(List<AnswerScore> answers, Optional<Pattern> kind) {
        Running running = new Running(kind);
        answers.forEach(running::count);
        AnswerScore[] ranked = answers.toArray(AnswerScore[]::new);
        Arrays.parallelSort(ranked, AnswerScore.BY_NULL_ODDS); // stable
        Stream.of(ranked).forEach(running::rank);
        return running.scoreboard();
    }

    /**
     * Computes a scoreboard in two passes over all scores ({@link #count}, then {@link #rank}), in memory that does not grow
     * with the data set.
     */
    public static final class Running {
        private final Optional<Pattern> kind;
        private final RunningMetrics all = new RunningMetrics();
        private final Map<String, RunningMetrics> byKind = new TreeMap<>();
        private final RunningMetrics texts = new RunningMetrics();
        private double lowestOdds = Double.POSITIVE_INFINITY;

        /**
         * Starts without any scores.
         *
         * @param kind finds a question's kind in its id
         */
        public Running(Optional<Pattern> kind) {
            this.kind = kind;
        }

        /** Adds a question's scores in the first pass, in the data set's order. */
        public void count(AnswerScore answer) {
            each(answer, RunningMetrics::count);
            lowestOdds = Math.min(lowestOdds, answer.text().nullOdds());
        }

        /** Adds a question's scores in the second pass, in the order of {@link AnswerScore#BY_NULL_ODDS}. */
        public void rank(AnswerScore answer) {
            each(answer, RunningMetrics::rank);
        }

        private void each(AnswerScore answer, BiConsumer<RunningMetrics, QuestionScore> add) {
            add.accept(all, answer.prediction());
            add.accept(texts, answer.text());
            kind.map(pattern -> QuestionKind.of(answer.prediction().id(), pattern))
                    .map(name -> byKind.computeIfAbsent(name, any -> new RunningMetrics()))
                    .ifPresent(metrics -> add.accept(metrics, answer.prediction()));
        }

        /** Returns the scoreboard after both passes. */
        public Scoreboard scoreboard() {
            Map<String, SquadMetrics> kinds = new TreeMap<>();
            byKind.forEach((name, metrics) -> kinds.put(name, metrics.metrics()));
            Best best = texts.best();
            return new Scoreboard(all.metrics(), kinds, new Best(usable(best.exact()), usable(best.f1())));
        }

        /** Returns a threshold that leaves all questions unanswered if that is best. The official search returns 0 then. */
        private Threshold usable(Threshold found) {
            return found.score() > 100.0 * texts.unanswerable() / texts.total()
                    ? found
                    : new Threshold(found.score(), Math.floor(lowestOdds) - 1);
        }
    }

    /** Returns a JSON array with one object for each kind: its name and metrics. */
    public String byKindJson() {
        List<Map<String, Object>> kinds = new ArrayList<>();
        byKind.forEach((kind, metrics) -> {
            Map<String, Object> fields = new LinkedHashMap<>();
            fields.put("kind", kind);
            fields.putAll(metrics.byKey());
            kinds.add(fields);
        });
        return PythonJson.LINES.write(kinds) + "\n";
    }

    /** Returns one JSON object: the best null thresholds and the scores at these, in percent. */
    public String thresholdsJson() {
        Map<String, Double> fields = new LinkedHashMap<>();
        fields.put("exact", thresholds.exact().score());
        fields.put("exact_null_threshold", thresholds.exact().nullOdds());
        fields.put("f1", thresholds.f1().score());
        fields.put("f1_null_threshold", thresholds.f1().nullOdds());
        return PythonJson.LINE.write(fields) + "\n";
    }

    /** Returns the lines of a table for the terminal. */
    public List<String> table(String title) {
        List<String> lines = new ArrayList<>();
        lines.add(String.format(Locale.ROOT, ROW, title, "exact", "F1", "questions"));
        lines.add(row("all", all.all()));
        lines.add(row("answerable", all.hasAnswer()));
        lines.add(row("unanswerable", all.noAnswer()));
        byKind.forEach((kind, metrics) -> lines.add(row("kind " + Printable.of(kind), metrics.all())));
        Threshold best = thresholds.f1();
        if (best.score() - all.all().f1() >= SMALLEST_GAIN) {
            lines.add(String.format(
                    Locale.ROOT, "best F1 %.2f at decode.null_threshold=%s", best.score(), best.nullOdds()));
        }
        return lines;
    }

    private static String row(String name, Mean mean) {
        return mean.total() == 0
                ? String.format(Locale.ROOT, ROW, name, "-", "-", 0)
                : String.format(
                        Locale.ROOT,
                        ROW,
                        name,
                        String.format(Locale.ROOT, "%.2f", mean.exact()),
                        String.format(Locale.ROOT, "%.2f", mean.f1()),
                        String.format(Locale.ROOT, "%,d", mean.total()));
    }
}
