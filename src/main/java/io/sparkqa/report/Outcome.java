package io.sparkqa.report;

import io.sparkqa.evaluate.AnswerScore;
import io.sparkqa.evaluate.QuestionScore;
import io.sparkqa.squad.Example;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The result of one question, and the question's traits by which the report groups.
 *
 * @param confidence probability that the model gives its answer, 0 … 1; NaN if it is unknown
 */
public record Outcome(AnswerScore score, Traits traits, double confidence) {
    /** Returns the score of the given answer. */
    QuestionScore prediction() {
        return score.prediction();
    }

    /** Returns the score of the best text, regardless of the null odds. */
    QuestionScore text() {
        return score.text();
    }

    /**
     * The traits of a question.
     *
     * @param word question word, "other" if there is none
     * @param kind kind according to the setting {@code evaluate.kind}; "" if it is unset
     * @param answerWords words of the first gold answer, 0 if the question has none
     * @param contextWords words of the context
     * @param windows number of windows of question and context
     */
    public record Traits(String word, String kind, int answerWords, int contextWords, int windows) {
        private static final Pattern QUESTION_WORD =
                Pattern.compile("\\b(whose|whom|who|what|when|where|which|why|how)\\b");
        private static final Pattern WORD = Pattern.compile("\\S+");

        /** Returns the traits that follow from the example, without kind and windows. */
        public static Traits of(Example example) {
            Matcher word = QUESTION_WORD.matcher(example.question().toLowerCase(Locale.ROOT));
            return new Traits(
                    word.find() ? word.group(1) : "other",
                    "",
                    example.answers().isEmpty()
                            ? 0
                            : words(example.answers().get(0).text()),
                    words(example.context()),
                    0);
        }

        /** Returns these traits with a kind and a number of windows, which depend on the run. */
        public Traits with(String newKind, int newWindows) {
            return new Traits(word, newKind, answerWords, contextWords, newWindows);
        }

        private static int words(String text) {
            return (int) WORD.matcher(text).results().count();
        }
    }
}
