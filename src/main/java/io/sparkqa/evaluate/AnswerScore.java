package io.sparkqa.evaluate;

import java.util.Comparator;
import java.util.List;

/**
 * The scores of the answer to one question.
 *
 * @param prediction score of the answer given, which is "" above the null threshold
 * @param text score of the best text, regardless of the null odds
 */
public record AnswerScore(QuestionScore prediction, QuestionScore text) {
    /** Orders by ascending null odds. A stable sort keeps the data set's order among equal ones. */
    public static final Comparator<AnswerScore> BY_NULL_ODDS =
            (a, b) -> QuestionScore.BY_NULL_ODDS.compare(a.text, b.text);

    /** Compares prediction and best text with the texts of the gold answers. */
    public static AnswerScore of(String id, List<String> gold, String prediction, String text, double nullOdds) {
        List<AnswerText> texts = AnswerText.gold(gold);
        QuestionScore score = QuestionScore.of(id, texts, !gold.isEmpty(), prediction, nullOdds);
        return new AnswerScore(
                score, text.equals(prediction) ? score : QuestionScore.of(id, texts, !gold.isEmpty(), text, nullOdds));
    }
}
