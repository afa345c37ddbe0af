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
    void questionsAboveTheThresholdCountAsUnanswered() {
        assertThat(SquadMetrics.of(ALL, Double.POSITIVE_INFINITY).noAnswer().exact())
                .isEqualTo(0);
        assertThat(SquadMetrics.of(ALL, 2).noAnswer().exact()).isEqualTo(0);
        assertThat(SquadMetrics.of(ALL, 1.9).noAnswer().exact()).isEqualTo(100);
    }

    @Test
    void theBestThresholdIsTheOddsOfTheLastQuestionWorthAnswering() {
        SquadMetrics.Best best = SquadMetrics.of(ALL, 0).withBest(ALL).best().orElseThrow();

        assertThat(best.exact()).isEqualTo(new Threshold(100.0 * 2 / 3, -3));
        assertThat(best.f1().nullOdds()).isEqualTo(-1);
    }

    @Test
    void theBestThresholdIs0IfNothingBeatsLeavingAllUnanswered() {
        List<QuestionScore> scores = List.of(WRONGLY_ANSWERED);

        assertThat(SquadMetrics.of(scores, 0)
                        .withBest(scores)
                        .best()
                        .orElseThrow()
                        .f1())
                .isEqualTo(new Threshold(100, 0));
    }

    @Test
    void anAnswerListOfAnEmptyTextIsMatchedByNoAnswer() {
        QuestionScore score = QuestionScore.of("empty", List.of(""), "", 0);

        assertThat(score.hasAnswer()).isTrue();
        assertThat(score.exact()).isEqualTo(1);
    }

    @Test
    void aPredictionOfAnArticleIsRightForAnUnanswerableQuestionButCountsAsAnAnswer() {
        QuestionScore score = QuestionScore.of("article", List.of(), "the", 0);

        assertThat(score.exact()).isEqualTo(1);
        assertThat(score.answered()).isTrue();
    }

    @Test
    void keysOfKindsWithoutQuestionsAreLeftOut() {
        assertThat(SquadMetrics.of(List.of(WRONGLY_ANSWERED), 3).byKey().keySet())
                .containsExactly("exact", "f1", "total", "NoAns_exact", "NoAns_f1", "NoAns_total");
    }

    @Test
    void jsonIsWrittenInOneLineOrOneLinePerKey() {
        SquadMetrics metrics = SquadMetrics.of(List.of(WRONGLY_ANSWERED), 0);

        assertThat(metrics.toJson())
                .isEqualTo("{\"exact\": 100.0, \"f1\": 100.0, \"total\": 1,"
                        + " \"NoAns_exact\": 100.0, \"NoAns_f1\": 100.0, \"NoAns_total\": 1}");
        assertThat(metrics.toIndentedJson())
                .startsWith("{\n  \"exact\": 100.0,\n  \"f1\": 100.0,\n")
                .endsWith(": 1\n}");
    }
}
