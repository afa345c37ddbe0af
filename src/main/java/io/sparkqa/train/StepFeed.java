package io.sparkqa.train;

import io.sparkqa.model.MicroBatch;
import io.sparkqa.model.PreparedBatch;
import io.sparkqa.model.RobertaForQuestionAnswering;
import java.nio.ByteBuffer;
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
    private final Deque<ByteBuffer> spare = new ArrayDeque<>();
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
        List<ByteBuffer> used = new ArrayList<>();
        int windows = 0;
        int tokens = 0;
        for (WindowBatches.Batch batch : batches.of(step)) {
            for (MicroBatch microBatch : batch.microBatches()) {
                PreparedBatch prepared = network.prepare(microBatch, step, size -> {
                    used.add(buffer(size));
                    return used.get(used.size() - 1);
                });
                parts.add(new Part(prepared, batch.startScale(), batch.endScale()));
            }
            windows += batch.windows();
            tokens += batch.tokens();
        }
        return new Prepared(parts, windows, tokens, 0, () -> release(used));
    }

    /** A buffer that was given back if it is large enough, else a new one with some room for larger steps. */
    private ByteBuffer buffer(int size) {
        synchronized (spare) {
            ByteBuffer found = spare.poll();
            if (found != null && found.capacity() >= size) {
                return found;
            }
        }
        return ByteBuffer.allocateDirect((int) Math.min(Integer.MAX_VALUE, size + size / 8L));
    }

    private void release(List<ByteBuffer> used) {
        synchronized (spare) {
            used.forEach(spare::add);
        }
    }

    @Override
    public void close() {
        thread.shutdownNow();
    }
}
