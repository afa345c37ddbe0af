package io.sparkqa.train;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import io.sparkqa.model.MicroBatch;
import io.sparkqa.model.PreparedBatch;
import io.sparkqa.model.RobertaForQuestionAnswering;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/**
 * Gathers an optimizer step's windows and draws its dropout masks on a second thread, while the step before is
 * computed.
 */
final class StepFeed implements AutoCloseable {
    private final WindowBatches batches;
    private final RobertaForQuestionAnswering network;
    private final long end;
    private final int stride;
    private final ExecutorService thread = Executors.newSingleThreadExecutor(work -> {
        Thread worker = new Thread(work, "batches");
        worker.setDaemon(true);
        return worker;
    });
    private final NDManager memory;
    private final Deque<NDArray> spare = new ArrayDeque<>();
    private CompletableFuture<Prepared> next;
    private long nextStep = -1;

    /**
     * @param end no step from here on is prepared
     * @param stride from a step to the one after it
     */
    StepFeed(WindowBatches batches, RobertaForQuestionAnswering network, long end, int stride) {
        this.batches = batches;
        this.network = network;
        this.end = end;
        this.stride = stride;
        memory = network.host().newSubManager();
    }

    /** A micro-batch and the weights of its sums of cross entropies in the step's loss. */
    record Part(PreparedBatch batch, float startScale, float endScale) {}

    /**
     * An optimizer step's input; closing it gives the masks' memory back.
     *
     * @param tokens real tokens
     * @param waitedMilliseconds how long the step waited for it
     */
    record Prepared(List<Part> parts, int windows, int tokens, double waitedMilliseconds, Runnable release)
            implements AutoCloseable {
        private Prepared waited(long nanoseconds) {
            return new Prepared(parts, windows, tokens, nanoseconds / 1e6, release);
        }

        @Override
        public void close() {
            release.run();
        }
    }

    /** Returns a step's input, and begins with the one after it. */
    Prepared take(long step) {
        long start = System.nanoTime();
        if (nextStep != step) {
            begin(step);
        }
        try {
            Prepared prepared = next.join().waited(System.nanoTime() - start);
            if (step + stride < end) {
                begin(step + stride);
            }
            return prepared;
        } catch (CompletionException e) {
            throw e.getCause() instanceof RuntimeException cause ? cause : e;
        }
    }

    private void begin(long step) {
        next = CompletableFuture.supplyAsync(() -> prepare(step), thread);
        nextStep = step;
    }

    private Prepared prepare(long step) {
        List<Part> parts = new ArrayList<>();
        List<NDArray> used = new ArrayList<>();
        int windows = 0;
        int tokens = 0;
        for (WindowBatches.Batch batch : batches.of(step)) {
            for (MicroBatch microBatch : batch.microBatches()) {
                PreparedBatch prepared = network.prepare(microBatch, step, size -> {
                    NDArray masks = masks(size);
                    used.add(masks);
                    return masks.toByteBuffer(true);
                });
                parts.add(new Part(prepared, batch.startScale(), batch.endScale()));
            }
            windows += batch.windows();
            tokens += batch.tokens();
        }
        return new Prepared(parts, windows, tokens, 0, () -> release(used));
    }

    /**
     * Memory that was given back if it is large enough, else new memory in its place, with some room for larger steps. It is
     * libtorch's, since Java's own would be given back to the system only when the heap happens to be collected.
     */
    private NDArray masks(int size) {
        synchronized (spare) {
            for (NDArray found : spare) {
                if (found.size() >= size) {
                    spare.remove(found);
                    return found;
                }
            }
            if (!spare.isEmpty()) {
                spare.remove().close();
            }
        }
        return memory.create(new Shape(Math.min(Integer.MAX_VALUE, size + size / 8L)), DataType.UINT8);
    }

    private void release(List<NDArray> used) {
        synchronized (spare) {
            used.forEach(spare::add);
        }
    }

    /** Waits for what is under way, since the memory that it writes to goes with the feed. */
    @Override
    public void close() {
        thread.shutdown();
        if (next != null) {
            next.handle((prepared, failure) -> prepared).join();
        }
        memory.close();
    }
}
