package io.sparkqa.model;

import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The scores of an evaluation, as a model card shows them: {@code model-index} in its metadata, and a table between two
 * comments. The rest of the card stays as it is, so that its owner may edit it.
 */
public final class CardScores {
    private static final String BEGIN = "<!-- scores: begin -->";
    private static final String END = "<!-- scores: end -->";

    /** The scores of a model that is not evaluated yet. */
    static final String NONE = BEGIN + "\nNot evaluated yet.\n" + END;

    private static final Pattern TABLE = Pattern.compile("(?s)" + BEGIN + ".*?" + END);
    private static final Pattern METADATA = Pattern.compile("(?s)\\A---\n(.*?\n)---\n");
    private static final Pattern INDEX = Pattern.compile("(?m)^model-index:.*\n(?:[ -].*\n)*");

    private CardScores() {}

    /**
     * The scores of a split, in percent.
     *
     * @param hubName the Hub's name of the data set, if it is there
     * @param answerable F1 of the questions with an answer, if there are any
     * @param unanswerable F1 of the questions without one, if there are any
     */
    public record Split(
            String name,
            String data,
            Optional<String> hubName,
            int questions,
            double exact,
            double f1,
            OptionalDouble answerable,
            OptionalDouble unanswerable) {}

    /**
     * Returns a card with these scores instead of those that it has.
     *
     * @param model the model's name
     */
    public static String filledInto(String card, String model, List<Split> splits) {
        String filled = TABLE.matcher(card).replaceFirst(Matcher.quoteReplacement(table(splits)));
        Matcher metadata = METADATA.matcher(filled);
        if (!metadata.find()) {
            return filled;
        }
        String others = INDEX.matcher(metadata.group(1)).replaceAll("");
        return "---\n" + others + index(model, splits) + "---\n" + filled.substring(metadata.end());
    }

    private static String table(List<Split> splits) {
        StringBuilder table = new StringBuilder(BEGIN)
                .append("\n| questions | number | exact match | F1 | F1, answerable | F1, unanswerable |\n")
                .append("| --- | --- | --- | --- | --- | --- |\n");
        for (Split split : splits) {
            table.append(String.format(
                    Locale.ROOT,
                    "| %s: %s | %,d | %.2f | %.2f | %s | %s |\n",
                    split.name,
                    split.data,
                    split.questions,
                    split.exact,
                    split.f1,
                    cell(split.answerable),
                    cell(split.unanswerable)));
        }
        return table.append("\nComputed as by SQuAD 2.0's official script.\n")
                .append(END)
                .toString();
    }

    private static String cell(OptionalDouble score) {
        return score.isPresent() ? String.format(Locale.ROOT, "%.2f", score.getAsDouble()) : "";
    }

    private static String index(String model, List<Split> splits) {
        StringBuilder index =
                new StringBuilder("model-index:\n- name: %s\n  results:\n".formatted(ModelCard.quoted(model)));
        for (Split split : splits) {
            index.append(String.format(
                    Locale.ROOT,
                    """
                      - task:
                          type: question-answering
                          name: Question Answering
                        dataset:
                          type: %s
                          name: %s
                        metrics:
                        - type: exact_match
                          value: %.4f
                          name: Exact Match
                        - type: f1
                          value: %.4f
                          name: F1
                    """
                            .indent(2),
                    ModelCard.quoted(split.hubName.orElse(split.data)),
                    ModelCard.quoted(split.name + " (" + split.data + ")"),
                    split.exact,
                    split.f1));
        }
        return index.toString();
    }
}
