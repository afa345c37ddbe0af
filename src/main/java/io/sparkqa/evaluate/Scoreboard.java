package io.sparkqa.evaluate;

import com.fasterxml.jackson.core.io.JsonStringEncoder;
import io.sparkqa.evaluate.SquadMetrics.Best;
import io.sparkqa.evaluate.SquadMetrics.Mean;
import io.sparkqa.evaluate.SquadMetrics.Threshold;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.BiConsumer;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * What a model's answers to a data set have earned.
 *
 * @param all what the official script makes of the predictions and the null odds. Predictions above the null threshold
 *     are "" already, so the script's best thresholds are the best among stricter ones
 * @param byKind the same by kind of question, in the order of their names; empty if no kinds are told apart
 * @param thresholds the best among all null thresholds
 */
public record Scoreboard(SquadMetrics all, Map<String, SquadMetrics> byKind, Best thresholds) {
    /** The smallest difference that the table shows. */
    private static final double SHOWN = 0.01;

    private static final String ROW = "%-24s %7s %7s %10s";

    /**
     * Sums up, over the data set in its order.
     *
     * @param answers scores of all questions
     * @param kind finds a question's kind in its id
     */
    public static Scoreboard of(List<AnswerScore> answers, Optional<Pattern> kind) {
        Running running = new Running(kind);
        answers.forEach(running::count);
        answers.stream().sorted(AnswerScore.SUREST_FIRST).forEach(running::rank);
        return running.scoreboard();
    }

    /** A scoreboard in the making, in memory that does not grow with the data set. */
    public static final class Running {
        private final Optional<Pattern> kind;
        private final RunningMetrics all = new RunningMetrics();
        private final Map<String, RunningMetrics> byKind = new TreeMap<>();
        private final RunningMetrics texts = new RunningMetrics();
        private double lowestOdds = Double.POSITIVE_INFINITY;

        /**
         * Of a data set yet to pass by, all of it twice.
         *
         * @param kind finds a question's kind in its id
         */
        public Running(Optional<Pattern> kind) {
            this.kind = kind;
        }

        /** Takes a question's scores in the data set's order. */
        public void count(AnswerScore answer) {
            each(answer, RunningMetrics::count);
            lowestOdds = Math.min(lowestOdds, answer.text().nullOdds());
        }

        /** Takes them again, when all are counted, in {@link AnswerScore#SUREST_FIRST} order. */
        public void rank(AnswerScore answer) {
            each(answer, RunningMetrics::rank);
        }

        private void each(AnswerScore answer, BiConsumer<RunningMetrics, QuestionScore> take) {
            take.accept(all, answer.prediction());
            take.accept(texts, answer.text());
            kind.map(pattern -> QuestionKind.of(answer.prediction().id(), pattern))
                    .map(name -> byKind.computeIfAbsent(name, any -> new RunningMetrics()))
                    .ifPresent(tally -> take.accept(tally, answer.prediction()));
        }

        /** What it comes to. */
        public Scoreboard scoreboard() {
            Map<String, SquadMetrics> kinds = new TreeMap<>();
            byKind.forEach((name, tally) -> kinds.put(name, tally.metrics()));
            Best best = texts.best();
            return new Scoreboard(all.metrics(), kinds, new Best(usable(best.exact()), usable(best.f1())));
        }

        /** The official search names 0 where leaving all unanswered is best; here the threshold is to do just that. */
        private Threshold usable(Threshold found) {
            return found.score() > 100.0 * texts.unanswerable() / texts.total()
                    ? found
                    : new Threshold(found.score(), Math.floor(lowestOdds) - 1);
        }
    }

    /** A JSON array, an object a kind: its name and metrics. */
    public String byKindJson() {
        return byKind.entrySet().stream()
                .map(entry -> "  {\"kind\": \"" + escaped(entry.getKey()) + "\", "
                        + entry.getValue().toJson().substring(1))
                .collect(Collectors.joining(",\n", "[\n", "\n]\n"));
    }

    private static String escaped(String text) {
        return String.valueOf(JsonStringEncoder.getInstance().quoteAsString(text));
    }

    /** One JSON object: the best null thresholds and what they would give, in percent. */
    public String thresholdsJson() {
        return String.format(
                Locale.ROOT,
                "{\"exact\": %s, \"exact_null_threshold\": %s, \"f1\": %s, \"f1_null_threshold\": %s}\n",
                thresholds.exact().score(),
                thresholds.exact().nullOdds(),
                thresholds.f1().score(),
                thresholds.f1().nullOdds());
    }

    /** A table for the terminal, a line an element. */
    public List<String> table(String title) {
        List<String> lines = new ArrayList<>();
        lines.add(String.format(ROW, title, "exact", "F1", "questions"));
        lines.add(row("all", all.all()));
        lines.add(row("answerable", all.hasAnswer()));
        lines.add(row("unanswerable", all.noAnswer()));
        byKind.forEach((kind, metrics) -> lines.add(row("kind " + kind, metrics.all())));
        Threshold best = thresholds.f1();
        if (best.score() - all.all().f1() >= SHOWN) {
            lines.add(String.format(
                    Locale.ROOT, "best F1 %.2f would come of decode.null_threshold=%s", best.score(), best.nullOdds()));
        }
        return lines;
    }

    private static String row(String name, Mean mean) {
        return mean.total() == 0
                ? String.format(ROW, name, "-", "-", 0)
                : String.format(
                        Locale.ROOT,
                        ROW,
                        name,
                        String.format(Locale.ROOT, "%.2f", mean.exact()),
                        String.format(Locale.ROOT, "%.2f", mean.f1()),
                        String.format(Locale.ROOT, "%,d", mean.total()));
    }
}
