package io.sparkqa.evaluate;

import static org.assertj.core.api.Assertions.assertThat;

import io.sparkqa.evaluate.SquadMetrics.Threshold;
import java.util.List;
import org.junit.jupiter.api.Test;

class SquadMetricsTest {
    private static final QuestionScore RIGHT = QuestionScore.of("right", List.of("Paris"), "paris", -3);
    private static final QuestionScore HALF = QuestionScore.of("half", List.of("New York"), "York", -1);
    private static final QuestionScore WRONGLY_ANSWERED = QuestionScore.of("wrongly", List.of(), "Rome", 2);
    private static final List<QuestionScore> ALL = List.of(RIGHT, HALF, WRONGLY_ANSWERED);

    @Test
    void questions_above_the_threshold_count_as_unanswered() {
        assertThat(SquadMetrics.of(ALL, Double.POSITIVE_INFINITY).noAnswer().exact())
                .isEqualTo(0);
        assertThat(SquadMetrics.of(ALL, 2).noAnswer().exact()).isEqualTo(0);
        assertThat(SquadMetrics.of(ALL, 1.9).noAnswer().exact()).isEqualTo(100);
    }

    @Test
    void the_best_threshold_is_the_odds_of_the_last_question_worth_answering() {
        SquadMetrics.Best best = SquadMetrics.of(ALL, 0).withBest(ALL).best().orElseThrow();

        assertThat(best.exact()).isEqualTo(new Threshold(100.0 * 2 / 3, -3));
        assertThat(best.f1().nullOdds()).isEqualTo(-1);
    }

    @Test
    void the_best_threshold_is_0_if_nothing_beats_leaving_all_unanswered() {
        List<QuestionScore> scores = List.of(WRONGLY_ANSWERED);

        assertThat(SquadMetrics.of(scores, 0)
                        .withBest(scores)
                        .best()
                        .orElseThrow()
                        .f1())
                .isEqualTo(new Threshold(100, 0));
    }

    @Test
    void an_answer_list_of_an_empty_text_is_an_answer_to_be_met_by_nothing() {
        QuestionScore score = QuestionScore.of("empty", List.of(""), "", 0);

        assertThat(score.hasAnswer()).isTrue();
        assertThat(score.exact()).isEqualTo(1);
    }

    @Test
    void a_prediction_of_an_article_is_right_for_an_unanswerable_question_but_counts_as_an_answer() {
        QuestionScore score = QuestionScore.of("article", List.of(), "the", 0);

        assertThat(score.exact()).isEqualTo(1);
        assertThat(score.answered()).isTrue();
    }

    @Test
    void keys_of_kinds_without_questions_are_left_out() {
        assertThat(SquadMetrics.of(List.of(WRONGLY_ANSWERED), 3).byKey().keySet())
                .containsExactly("exact", "f1", "total", "NoAns_exact", "NoAns_f1", "NoAns_total");
    }

    @Test
    void json_stands_in_one_line_or_a_line_a_key() {
        SquadMetrics metrics = SquadMetrics.of(List.of(WRONGLY_ANSWERED), 0);

        assertThat(metrics.toJson())
                .isEqualTo("{\"exact\": 100.0, \"f1\": 100.0, \"total\": 1,"
                        + " \"NoAns_exact\": 100.0, \"NoAns_f1\": 100.0, \"NoAns_total\": 1}");
        assertThat(metrics.toIndentedJson())
                .startsWith("{\n  \"exact\": 100.0,\n  \"f1\": 100.0,\n")
                .endsWith(": 1\n}");
    }
}
