package io.sparkqa.bench;

import io.sparkqa.config.TokenBudget;
import io.sparkqa.decode.LogitsRunner;
import io.sparkqa.model.RobertaForQuestionAnswering;
import io.sparkqa.window.Window;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;

/** Times the forward pass of decoding, including the copy of the logits to Java. */
public final class DecodeBench {
    private DecodeBench() {}

    /**
     * Measures the first windows of a mix.
     *
     * @param windows number of windows; all if the mix has fewer
     * @param batchTokens most tokens of a forward pass
     */
    public static Figure measure(
            RobertaForQuestionAnswering network, WindowMix mix, int windows, TokenBudget batchTokens) throws Exception {
        int count = Math.min(windows, mix.windows().size());
        List<Window> some =
                IntStream.range(0, count).mapToObj(mix.windows()::get).toList();
        LogitsRunner runner = LogitsRunner.of(network, batchTokens);
        double milliseconds = Stopwatch.median(1, 5, () -> runner.run(some, (window, start, end) -> {}));
        return Figure.of("decode, " + mix.name(), milliseconds, count, "windows")
                .withOperations(new NetworkOperations(network.config()).forward(Arrays.copyOf(mix.lengths(), count)));
    }
}
