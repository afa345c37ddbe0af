package io.sparkqa.train;

import io.sparkqa.model.MicroBatch;
import java.util.List;

/**
 * The input of an optimizer step; closing it gives back the memory of its dropout masks.
 *
 * @param microBatches whose gradients the step adds up
 * @param waitedMilliseconds how long the step waited for its input
 */
record StepInput(List<MicroBatch> microBatches, double waitedMilliseconds, Runnable release) implements AutoCloseable {
    StepInput waited(long nanoseconds) {
        return new StepInput(microBatches, nanoseconds / 1e6, release);
    }

    int windows() {
        return microBatches.stream().mapToInt(batch -> batch.rows().size()).sum();
    }

    /** Real tokens. */
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
