package io.sparkqa.evaluate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.sparkqa.config.WrongUse;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

class ScoreboardTest {
    private static final Optional<Pattern> KIND = QuestionKind.pattern(Optional.of("^(\\w+)-"));

    private static final List<AnswerScore> ANSWERS = List.of(
            AnswerScore.of("plain-1", List.of("Paris"), "Paris", "Paris", -1),
            AnswerScore.of("plain-2", List.of("Oslo"), "", "Oslo", 3),
            AnswerScore.of("swapped-1", List.of(), "", "Rome", 5));

    @Test
    void kindsAreFoundByTheirIds() throws Exception {
        JsonNode json = new ObjectMapper().readTree(Scoreboard.of(ANSWERS, KIND).byKindJson());

        assertThat(json.findValuesAsText("kind")).containsExactly("plain", "swapped");
        assertThat(json.at("/0/exact").asDouble()).isEqualTo(50);
        assertThat(json.at("/1/total").asInt()).isEqualTo(1);
    }

    @Test
    void anIdWithoutAKindHasTheKindOther() {
        assertThat(QuestionKind.of("5a8d7b", KIND.orElseThrow())).isEqualTo("other");
    }

    @Test
    void theSuggestedThresholdIsFoundOnTheBestTextsAndNotThePredictions() throws Exception {
        Scoreboard scoreboard = Scoreboard.of(ANSWERS, Optional.empty());

        assertThat(scoreboard.all().best().orElseThrow().f1().nullOdds()).isEqualTo(-1);
        assertThat(new ObjectMapper()
                        .readTree(scoreboard.thresholdsJson())
                        .get("f1_null_threshold")
                        .asDouble())
                .isEqualTo(3);
        assertThat(scoreboard.table("dev")).last().asString().endsWith("100.00 at decode.null_threshold=3.0");
    }

    @Test
    void aThresholdThatLeavesAllUnansweredIsBelowAllOdds() {
        List<AnswerScore> hopeless = List.of(
                AnswerScore.of("1", List.of(), "Rome", "Rome", -2.5),
                AnswerScore.of("2", List.of("Oslo"), "Bergen", "Bergen", -7.5));

        assertThat(Scoreboard.of(hopeless, Optional.empty())
                        .thresholds()
                        .exact()
                        .nullOdds())
                .isEqualTo(-9);
    }

    @Test
    void theTableHasOneRowPerKindAndAlignedColumns() {
        assertThat(Scoreboard.of(ANSWERS, KIND).table("dev"))
                .startsWith(
                        "dev                        exact      F1  questions",
                        "all                        66.67   66.67          3",
                        "answerable                 50.00   50.00          2",
                        "unanswerable              100.00  100.00          1",
                        "kind plain                 50.00   50.00          2",
                        "kind swapped              100.00  100.00          1");
    }

    @Test
    void aKindThatIsNotARegularExpressionIsRefused() {
        assertThatThrownBy(() -> QuestionKind.pattern(Optional.of("("))).isInstanceOf(WrongUse.class);
    }
}
