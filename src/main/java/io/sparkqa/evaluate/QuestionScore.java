package io.sparkqa.evaluate;

import java.util.Comparator;
import java.util.List;

/**
 * The scores of one question's prediction, before any threshold.
 *
 * @param exact 1 if the prediction is one of the gold answers, else 0
 * @param f1 highest F1 over the gold answers, 0 … 1
 * @param hasAnswer whether the data set lists any answer, even an empty text
 * @param answered whether the prediction has any character, even if it normalises to an empty text
 * @param nullOdds higher if the question more likely has no answer; 0 if unknown
 */
public record QuestionScore(String id, double exact, double f1, boolean hasAnswer, boolean answered, double nullOdds) {

    /** Orders by ascending null odds. Adding 0 makes -0.0 equal to 0.0, which Java's comparison distinguishes. */
    static final Comparator<QuestionScore> BY_NULL_ODDS = (a, b) -> Double.compare(a.nullOdds + 0.0, b.nullOdds + 0.0);

    /** Compares a prediction ("" for unanswerable) with the texts of the gold answers (none for unanswerable). */
    public static QuestionScore of(String id, List<String> gold, String prediction, double nullOdds) {
        return of(id, AnswerText.gold(gold), !gold.isEmpty(), prediction, nullOdds);
    }

    static QuestionScore of(String id, List<AnswerText> gold, boolean hasAnswer, String prediction, double nullOdds) {
        AnswerText predicted = AnswerText.of(prediction);
        double exact = 0;
        double f1 = 0;
        for (AnswerText text : gold) {
            exact = Math.max(exact, predicted.exact(text));
            f1 = Math.max(f1, predicted.f1(text));
        }
        return new QuestionScore(id, exact, f1, hasAnswer, !prediction.isEmpty(), nullOdds);
    }

    /** Returns the score at a threshold: the question counts as unanswered if its null odds exceed it. */
    QuestionScore at(double threshold) {
        double unanswered = hasAnswer ? 0 : 1;
        return nullOdds > threshold ? new QuestionScore(id, unanswered, unanswered, hasAnswer, false, nullOdds) : this;
    }
}
