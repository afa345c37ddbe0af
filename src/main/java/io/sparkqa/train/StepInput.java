package io.sparkqa.train;

import io.sparkqa.model.MicroBatch;
import java.util.List;

/**
 * The input of an optimizer step. Closing it releases the memory of its dropout masks.
 *
 * @param microBatches micro-batches whose gradients the step adds up
 * @param waitedMilliseconds time that the step waited for its input
 */
record StepInput(List<MicroBatch> microBatches, double waitedMilliseconds, Runnable release) implements AutoCloseable {
    StepInput waited(long nanoseconds) {
        return new StepInput(microBatches, nanoseconds / 1e6, release);
    }

    int windows() {
        return microBatches.stream().mapToInt(batch -> batch.rows().size()).sum();
    }

    /** Returns the number of real tokens. */
    int tokens() {
        return microBatches.stream()
                .flatMap(batch -> batch.rows().stream())
                .mapToInt(row -> row.ids().length)
                .sum();
    }

    @Override
    public void close() {
        release.run();
    }
}
