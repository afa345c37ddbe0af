package io.sparkqa.evaluate;

import java.util.Comparator;
import java.util.List;

/**
 * What the answer to one question has earned.
 *
 * @param prediction of the answer given, "" above the null threshold
 * @param text of the best text, whatever the null odds
 */
public record AnswerScore(QuestionScore prediction, QuestionScore text) {
    /** Ascending null odds; stable sorts keep the data set's order among equal ones. */
    public static final Comparator<AnswerScore> SUREST_FIRST =
            Comparator.comparing(AnswerScore::text, QuestionScore.SUREST_FIRST);

    /** Compares both with the texts of the gold answers. */
    public static AnswerScore of(String id, List<String> gold, String prediction, String text, double nullOdds) {
        return new AnswerScore(
                QuestionScore.of(id, gold, prediction, nullOdds), QuestionScore.of(id, gold, text, nullOdds));
    }
}
