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
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Comparator;
import java.util.Deque;
import java.util.Iterator;
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
     * Computes the shortest windows first.
     *
     * @throws UserError if a window has more tokens than the network has positions, or an id outside of its vocabulary
     */
    @Override
    public void run(List<Window> windows, Sink sink) {
        if (network.batching().runsAhead()) {
            try (Stream<Block> stream = stream(List.of(Block.of(windows, sink)).iterator())) {
                stream.next();
            }
        } else {
            List<List<Window>> batches = batches(windows);
            // a pass uses all cores, so no other thread may take logits meanwhile
            synchronized (network) {
                batches.forEach(rows -> deliver(rows, send(rows).get(), sink));
            }
        }
    }

    @Override
    public <B extends Block> Stream<B> stream(Iterator<B> blocks) {
        return network.batching().runsAhead() ? new Ahead<>(blocks) : WindowLogits.super.stream(blocks);
    }

    /** Prepares and sends the next batch, of whichever block, while one is computed. */
    private final class Ahead<B extends Block> implements Stream<B> {
        private final SendAhead<Batch<B>, float[]> batches;

        private Ahead(Iterator<B> blocks) {
            batches = new SendAhead<>(batchesOf(blocks), batch -> send(batch.rows()));
        }

        @Override
        public boolean hasNext() {
            return batches.hasNext();
        }

        @Override
        public B next() {
            Batch<B> batch;
            do {
                batch = batches.next((done, logits) -> deliver(done.rows(), logits, done.block()));
            } while (!batch.isLast());
            return batch.block();
        }

        @Override
        public void close() {
            batches.close();
        }
    }

    /** One of a block's batches. */
    private record Batch<B>(B block, List<Window> rows, boolean isLast) {}

    /** Returns the batches of blocks, an empty one for a block without windows. */
    private <B extends Block> Iterator<Batch<B>> batchesOf(Iterator<B> blocks) {
        return new Iterator<>() {
            private final Deque<Batch<B>> read = new ArrayDeque<>();

            @Override
            public boolean hasNext() {
                return !read.isEmpty() || blocks.hasNext();
            }

            @Override
            public Batch<B> next() {
                if (read.isEmpty()) {
                    B block = blocks.next();
                    for (Iterator<List<Window>> cut = batches(block.windows()).iterator(); cut.hasNext(); ) {
                        read.add(new Batch<>(block, cut.next(), !cut.hasNext()));
                    }
                    if (read.isEmpty()) {
                        read.add(new Batch<>(block, List.of(), true));
                    }
                }
                return read.remove();
            }
        };
    }

    /** Checks windows, sorts them by length and cuts them into batches. */
    private List<List<Window>> batches(List<Window> windows) {
        windows.forEach(this::check);
        List<Window> sorted = windows.stream()
                .sorted(Comparator.comparingInt(LogitsRunner::length))
                .toList();
        return MicroBatch.cut(sorted, LogitsRunner::length, batchTokens);
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
        if (rows.isEmpty()) {
            return () -> new float[0];
        }
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
