package io.sparkqa.bench;

import io.sparkqa.config.TokenBudget;
import io.sparkqa.decode.LogitsRunner;
import io.sparkqa.model.NetworkOperations;
import io.sparkqa.model.RobertaForQuestionAnswering;
import io.sparkqa.window.Window;
import java.util.List;
import java.util.stream.IntStream;

/** Times the forward pass of decoding, including the copy of the logits to Java. */
public final class DecodeBench {
    private static final int WINDOWS = 32;

    /** Enough for several forward passes of a GPU. */
    private static final int WINDOWS_OF_GPU = 4096;

    private DecodeBench() {}

    /**
     * Measures the first windows of a mix, over and over if it has few.
     *
     * @param batchTokens most tokens of a forward pass
     */
    public static Figure measure(RobertaForQuestionAnswering network, WindowMix mix, TokenBudget batchTokens)
            throws Exception {
        int count = network.batching().runsAhead() ? WINDOWS_OF_GPU : WINDOWS;
        int[] lengths = mix.lengths();
        List<Window> some = IntStream.range(0, count)
                .mapToObj(i -> mix.windows().get(i % lengths.length))
                .toList();
        int[] measured =
                IntStream.range(0, count).map(i -> lengths[i % lengths.length]).toArray();
        LogitsRunner runner = LogitsRunner.of(network, batchTokens);
        double milliseconds = Stopwatch.median(1, 5, () -> runner.run(some, (window, start, end) -> {}));
        return Figure.of("decode, " + mix.name(), milliseconds, count, "windows")
                .withOperations(new NetworkOperations(network.config()).forward(measured));
    }
}
