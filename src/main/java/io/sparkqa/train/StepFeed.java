package io.sparkqa.train;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import io.sparkqa.model.MicroBatch;
import io.sparkqa.model.RobertaForQuestionAnswering;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/** Prepares the input of the next optimizer step on a second thread while the current step is computed. */
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
    private CompletableFuture<StepInput> next;
    private long nextStep = -1;

    /**
     * @param end step after the last one
     * @param stride difference between the numbers of consecutive steps
     */
    StepFeed(WindowBatches batches, RobertaForQuestionAnswering network, long end, int stride) {
        this.batches = batches;
        this.network = network;
        this.end = end;
        this.stride = stride;
        memory = network.host().newSubManager();
    }

    /** Returns the input of a step and begins to prepare the next one. */
    StepInput take(long step) {
        long start = System.nanoTime();
        if (nextStep != step) {
            begin(step);
        }
        try {
            StepInput input = next.join().waited(System.nanoTime() - start);
            if (step + stride < end) {
                begin(step + stride);
            }
            return input;
        } catch (CompletionException e) {
            throw e.getCause() instanceof RuntimeException cause ? cause : e;
        }
    }

    private void begin(long step) {
        next = CompletableFuture.supplyAsync(() -> prepare(step), thread);
        nextStep = step;
    }

    private StepInput prepare(long step) {
        List<NDArray> used = new ArrayList<>();
        List<MicroBatch> microBatches = new ArrayList<>();
        for (MicroBatch microBatch : batches.of(step)) {
            microBatches.add(network.withDropout(microBatch, step, size -> {
                NDArray masks = masks(size);
                used.add(masks);
                return masks.toByteBuffer(true);
            }));
        }
        return new StepInput(microBatches, 0, () -> release(used));
    }

    /**
     * Returns an earlier step's memory if one is large enough. Otherwise allocates new memory, with some room for larger
     * steps, and frees an earlier one. The memory is libtorch's, because Java frees direct buffers only when it collects the
     * heap.
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

    /** Waits for the step that is being prepared, since it writes to memory that is freed here. */
    @Override
    public void close() {
        thread.shutdown();
        if (next != null) {
            next.handle((input, failure) -> input).join();
        }
        memory.close();
    }
}
