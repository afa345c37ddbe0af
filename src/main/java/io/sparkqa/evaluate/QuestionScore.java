package io.sparkqa.evaluate;

import java.util.Comparator;
import java.util.List;

/**
 * What one question's prediction has earned, before any threshold.
 *
 * @param exact 1 if the prediction is one of the gold answers, else 0
 * @param f1 0 … 1, the best over the gold answers
 * @param hasAnswer whether the data set lists any answer, be it an empty text
 * @param answered whether the prediction is any text at all, be it one that normalises to nothing
 * @param nullOdds the higher, the likelier the question has no answer; 0 if nothing is known
 */
public record QuestionScore(String id, double exact, double f1, boolean hasAnswer, boolean answered, double nullOdds) {

    /** Ascending null odds. Adding 0 makes -0.0 equal to 0.0, which Java would order otherwise. */
    static final Comparator<QuestionScore> SUREST_FIRST = Comparator.comparingDouble(score -> score.nullOdds() + 0.0);

    /** Compares a prediction ("" for unanswerable) with the texts of the gold answers (none for unanswerable). */
    public static QuestionScore of(String id, List<String> gold, String prediction, double nullOdds) {
        List<String> comparable = gold.stream()
                .filter(text -> !AnswerText.normalize(text).isEmpty())
                .toList();
        double exact = 0;
        double f1 = 0;
        for (String text : comparable.isEmpty() ? List.of("") : comparable) {
            exact = Math.max(exact, AnswerText.exact(text, prediction));
            f1 = Math.max(f1, AnswerText.f1(text, prediction));
        }
        return new QuestionScore(id, exact, f1, !gold.isEmpty(), !prediction.isEmpty(), nullOdds);
    }

    /** The score if the question is left unanswered because its null odds exceed the threshold. */
    QuestionScore at(double threshold) {
        double unanswered = hasAnswer ? 0 : 1;
        return nullOdds > threshold ? new QuestionScore(id, unanswered, unanswered, hasAnswer, false, nullOdds) : this;
    }
}
