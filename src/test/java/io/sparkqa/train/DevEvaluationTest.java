package io.sparkqa.train;

import static org.assertj.core.api.Assertions.assertThat;

import io.sparkqa.config.ExperimentReader;
import io.sparkqa.decode.WindowLogits;
import io.sparkqa.evaluate.Scoreboard;
import io.sparkqa.squad.Example;
import io.sparkqa.window.Window;
import io.sparkqa.window.WindowTable;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class DevEvaluationTest {
    private static final Example ANSWERABLE =
            new Example(0, "yes", "", "ab", "?", List.of(new Example.Answer("b", 1)), false);
    private static final Example UNANSWERABLE = new Example(1, "no", "", "cd", "?", List.of(), true);
    private static final Example WITHOUT_WINDOWS = new Example(2, "long", "", "ef", "?", List.of(), true);

    @Test
    void theModelsAnswersAreScoredAndAQuestionWithoutWindowsCountsAsUnanswered() {
        WindowTable windows = WindowTable.of(List.of(window(ANSWERABLE, 5), window(UNANSWERABLE, 0)));

        Scoreboard scoreboard = new DevEvaluation(
                        ExperimentReader.of(Map.of("run.dir", "x")),
                        List.of(ANSWERABLE, UNANSWERABLE, WITHOUT_WINDOWS),
                        windows)
                .of(DevEvaluationTest::labels, new StopRequest())
                .scores();

        assertThat(scoreboard.all().all().total()).isEqualTo(3);
        assertThat(scoreboard.all().all().f1()).isEqualTo(100);
    }

    private static Window window(Example example, int label) {
        return new Window(
                example.exampleIndex(), example.id(), 0, new int[7], 4, 5, label, label, new int[] {0, 1}, new int[] {
                    1, 2
                });
    }

    /** Gives the logits of a model that predicts every label. */
    private static void labels(List<Window> windows, WindowLogits.Sink sink) {
        for (Window window : windows) {
            float[] start = new float[window.inputIds().length];
            float[] end = new float[window.inputIds().length];
            start[window.startPosition()] = 9;
            end[window.endPosition()] = 9;
            sink.accept(window, start, end);
        }
    }
}
