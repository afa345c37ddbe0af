package io.sparkqa.decode;

import ai.djl.Device;
import io.sparkqa.config.Experiment.Dtype;
import io.sparkqa.config.Printable;
import io.sparkqa.config.TokenBudget;
import io.sparkqa.config.UserError;
import io.sparkqa.model.Dropout;
import io.sparkqa.model.MicroBatch;
import io.sparkqa.model.ModelFolder;
import io.sparkqa.model.RobertaForQuestionAnswering;
import io.sparkqa.torch.Hardware;
import io.sparkqa.torch.OutOfMemory;
import io.sparkqa.window.Window;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.function.Supplier;

/**
 * Computes the logits of windows with a network. Sorts the windows by length and cuts them into batches within a token
 * budget. May be called by several threads: a CPU computes for one of them at a time, a GPU takes their batches in turn.
 *
 * @param batchTokens most tokens of a forward pass; a longer window has a pass of its own
 */
public record LogitsRunner(RobertaForQuestionAnswering network, int batchTokens) implements WindowLogits {
    /**
     * Opens a fine-tuned model folder.
     *
     * @param device {@code auto}, {@code cpu} or {@code cuda:N}
     * @param batchTokens most tokens of a forward pass
     * @throws UserError if it is not a model folder or lacks tensors
     */
    public static LogitsRunner open(Path modelFolder, Dtype dtype, String device, TokenBudget batchTokens) {
        ModelFolder.Weights weights = ModelFolder.read(modelFolder, 0).requireTrained(modelFolder);
        Device chosen = Hardware.device(device);
        Dropout none = Dropout.none(weights.config());
        boolean bfloat16 = Hardware.bfloat16(dtype, chosen);
        return of(new RobertaForQuestionAnswering(weights, chosen, none, bfloat16, false).freeze(), batchTokens);
    }

    /**
     * Returns a runner of a network.
     *
     * @param batchTokens most tokens of a forward pass
     */
    public static LogitsRunner of(RobertaForQuestionAnswering network, TokenBudget batchTokens) {
        return new LogitsRunner(network, batchTokens.or(network.batching().decodeTokens()));
    }

    /**
     * Computes the shortest windows first. On a GPU the next batch is prepared and sent while one is computed.
     *
     * @throws UserError if a window has more tokens than the network has positions, or an id outside of its vocabulary
     */
    @Override
    public void run(List<Window> windows, Sink sink) {
        windows.forEach(this::check);
        List<Window> sorted = windows.stream()
                .sorted(Comparator.comparingInt(LogitsRunner::length))
                .toList();
        List<List<Window>> batches = MicroBatch.cut(sorted, LogitsRunner::length, batchTokens);
        if (network.batching().runsAhead()) {
            SendAhead.run(batches, this::send, (rows, logits) -> deliver(rows, logits, sink));
        } else {
            // a pass uses all cores, so no other thread may take logits meanwhile
            synchronized (network) {
                batches.forEach(rows -> deliver(rows, send(rows).get(), sink));
            }
        }
    }

    private void check(Window window) {
        int longest = network.config().longestWindow();
        if (length(window) > longest) {
            throw new UserError(
                    "question %s, window %s: it has %s tokens, but the model has positions for %s; make the windows again with a lower maxLength (features.max_length)"
                            .formatted(Printable.of(window.exampleId()), window.window(), length(window), longest));
        }
        int vocabulary = network.config().vocabSize();
        for (int id : window.inputIds()) {
            if (id < 0 || id >= vocabulary) {
                throw new UserError(
                        "question %s, window %s: the token id %s is outside of the model's vocabulary of %s; make the windows again with the model's own tokenizer"
                                .formatted(Printable.of(window.exampleId()), window.window(), id, vocabulary));
            }
        }
    }

    private static int length(Window window) {
        return window.inputIds().length;
    }

    /** Begins a forward pass. Returns what waits for float32[2 * N], the start logits of each token, then the end logits. */
    private Supplier<float[]> send(List<Window> rows) {
        MicroBatch batch = MicroBatch.unlabelled(
                network.batching(), rows.stream().map(Window::inputIds).toList());
        RobertaForQuestionAnswering.Pending pending;
        try {
            synchronized (network) {
                pending = network.send(batch);
            }
        } catch (OutOfMemory e) {
            throw new UserError(
                    "the device's memory does not hold a forward pass of %s tokens (%s); set decode.batch_tokens to fewer, such as %s, or free memory that other processes hold"
                            .formatted(batch.tokens(), e.getMessage(), Math.max(1, batch.tokens() / 2)),
                    e);
        }
        return pending::logits;
    }

    private static void deliver(List<Window> rows, float[] logits, Sink sink) {
        int tokens = logits.length / 2;
        int from = 0;
        for (Window row : rows) {
            int to = from + length(row);
            sink.accept(
                    row, Arrays.copyOfRange(logits, from, to), Arrays.copyOfRange(logits, tokens + from, tokens + to));
            from = to;
        }
    }

    @Override
    public void close() {
        network.close();
    }
}
