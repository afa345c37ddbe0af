package io.sparkqa.report;

import io.sparkqa.evaluate.AnswerScore;
import io.sparkqa.evaluate.QuestionScore;
import io.sparkqa.squad.Example;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What became of one question, and the traits of the question by which the report groups.
 *
 * @param confidence probability that the model gives its answer, 0 … 1; NaN if it is unknown
 */
public record Outcome(AnswerScore score, Traits traits, double confidence) {
    /** The answer given. */
    QuestionScore prediction() {
        return score.prediction();
    }

    /** The best text, whether or not the null odds speak against it. */
    QuestionScore text() {
        return score.text();
    }

    /**
     * What a question is like.
     *
     * @param word question word, "other" if there is none
     * @param kind as the setting {@code evaluate.kind} tells it; "" if it is unset
     * @param answerWords words of the first gold answer, 0 if the question has none
     * @param contextWords words of the context
     * @param windows windows that question and context were cut into
     */
    public record Traits(String word, String kind, int answerWords, int contextWords, int windows) {
        private static final Pattern QUESTION_WORD =
                Pattern.compile("\\b(whose|whom|who|what|when|where|which|why|how)\\b");
        private static final Pattern WORD = Pattern.compile("\\S+");

        /** Returns what the example itself tells; kind and windows are still open. */
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

        /** Returns these with the kind and the windows that a run knows. */
        public Traits with(String newKind, int newWindows) {
            return new Traits(word, newKind, answerWords, contextWords, newWindows);
        }

        private static int words(String text) {
            return (int) WORD.matcher(text).results().count();
        }
    }
}
