package io.sparkqa.bench;

import io.sparkqa.decode.LogitsRunner;
import io.sparkqa.model.RobertaForQuestionAnswering;
import io.sparkqa.window.Window;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;

/** Times the forward pass that decoding makes, logits handed over included. */
public final class DecodeBench {
    private DecodeBench() {}

    /**
     * Measures so many windows of a mix.
     *
     * @param batchTokens tokens of a forward pass
     */
    public static Figure measure(RobertaForQuestionAnswering network, WindowMix mix, int windows, int batchTokens)
            throws Exception {
        int count = Math.min(windows, mix.windows().size());
        List<Window> some =
                IntStream.range(0, count).mapToObj(mix.windows()::get).toList();
        LogitsRunner runner = new LogitsRunner(network, batchTokens);
        double milliseconds = Stopwatch.median(1, 5, () -> runner.run(some, (window, start, end) -> {}));
        return Figure.of("decode, " + mix.name(), milliseconds, count, "windows")
                .withOperations(new NetworkOperations(network.config()).forward(Arrays.copyOf(mix.lengths(), count)));
    }
}
