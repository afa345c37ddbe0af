package io.sparkqa.report;

import io.sparkqa.report.Outcome.Traits;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.function.ToIntFunction;
import java.util.stream.IntStream;

/** Computes the scores of groups of questions with a common trait. */
final class Slices {
    private static final int QUESTIONS_OF_A_SPREAD = 2;
    private static final int CONTEXT_GROUPS = 5;

    private Slices() {}

    /**
     * A group of questions.
     *
     * @param exact mean in percent
     * @param f1 mean in percent
     * @param spread half the width of the 95 % confidence interval of {@code f1}, in points; NaN for a single question
     */
    record Slice(String name, int questions, double exact, double f1, double spread) {}

    /** Returns the slices of each useful grouping, by its title. */
    static Map<String, List<Slice>> of(List<Outcome> outcomes) {
        Map<String, List<Slice>> slices = new LinkedHashMap<>();
        slices.put("Question word", byCount(group(outcomes, Traits::word)));
        slices.put("Answer length", inOrder(group(outcomes, Slices::answerLength)));
        int[] limits = contextLimits(outcomes);
        slices.put("Context length", inOrder(group(outcomes, traits -> contextLength(traits, limits))));
        slices.put("Windows", inOrder(group(outcomes, traits -> numbered(Math.min(traits.windows(), 5), 5, "window"))));
        slices.put("Kind", byName(group(outcomes, Traits::kind)));
        slices.values()
                .removeIf(groups -> groups.size() < 2 && groups.get(0).name().isEmpty());
        return slices;
    }

    private static Map<String, List<Outcome>> group(List<Outcome> outcomes, Function<Traits, String> name) {
        Map<String, List<Outcome>> groups = new TreeMap<>();
        outcomes.forEach(outcome -> groups.computeIfAbsent(name.apply(outcome.traits()), any -> new ArrayList<>())
                .add(outcome));
        return groups;
    }

    private static List<Slice> byName(Map<String, List<Outcome>> groups) {
        return groups.entrySet().stream()
                .map(group -> slice(group.getKey(), group.getValue()))
                .toList();
    }

    private static List<Slice> byCount(Map<String, List<Outcome>> groups) {
        return byName(groups).stream()
                .sorted(Comparator.comparing((Slice slice) -> slice.name().equals("other"))
                        .thenComparing(Comparator.comparingInt(Slice::questions).reversed()))
                .toList();
    }

    /** Orders slices by the number at the beginning of their names. A name without a number comes first. */
    private static List<Slice> inOrder(Map<String, List<Outcome>> groups) {
        ToIntFunction<Slice> number = slice -> {
            String digits = slice.name().replaceFirst("^(\\d*).*", "$1");
            return digits.isEmpty() ? -1 : Integer.parseInt(digits);
        };
        return byName(groups).stream().sorted(Comparator.comparingInt(number)).toList();
    }

    private static Slice slice(String name, List<Outcome> group) {
        double exact = 0;
        double f1 = 0;
        double squares = 0;
        for (Outcome outcome : group) {
            exact += outcome.prediction().exact();
            f1 += outcome.prediction().f1();
            squares += outcome.prediction().f1() * outcome.prediction().f1();
        }
        int n = group.size();
        double variance = n < QUESTIONS_OF_A_SPREAD ? Double.NaN : Math.max(0, (squares - f1 * f1 / n) / (n - 1));
        return new Slice(name, n, 100 * exact / n, 100 * f1 / n, 100 * 1.96 * Math.sqrt(variance / n));
    }

    private static String answerLength(Traits traits) {
        int words = traits.answerWords();
        if (words == 0) {
            return "no answer";
        }
        return words <= 3
                ? numbered(words, 4, "word")
                : words <= 5 ? "4–5 words" : words <= 10 ? "6–10 words" : "11+ words";
    }

    private static String numbered(int number, int openFrom, String unit) {
        return number + (number >= openFrom ? "+" : "") + " " + unit + (number == 1 ? "" : "s");
    }

    /** Returns the largest word count of each group, for groups of about equal size. */
    private static int[] contextLimits(List<Outcome> outcomes) {
        int[] words = outcomes.stream()
                .mapToInt(outcome -> outcome.traits().contextWords())
                .sorted()
                .toArray();
        return IntStream.rangeClosed(1, CONTEXT_GROUPS)
                .map(group -> words[Math.max(0, (int) ((long) group * words.length / CONTEXT_GROUPS) - 1)])
                .distinct()
                .toArray();
    }

    private static String contextLength(Traits traits, int[] limits) {
        int group = 0;
        while (traits.contextWords() > limits[group]) {
            group++;
        }
        int last = limits[group];
        int first = group == 0 ? 0 : limits[group - 1] + 1;
        return (group == 0 ? "up to " + last : first == last ? last : first + "–" + last) + " words";
    }
}
