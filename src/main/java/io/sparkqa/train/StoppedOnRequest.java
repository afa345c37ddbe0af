package io.sparkqa.train;

import java.io.IOException;

/** Ends a training whose {@link StopRequest} was made; the same command goes on from its last checkpoint. */
public final class StoppedOnRequest extends RuntimeException {
    private static final long serialVersionUID = 1L;

    StoppedOnRequest(String message) {
        super(message);
    }

    static StoppedOnRequest after(long step, long steps, Checkpoints checkpoints) throws IOException {
        return new StoppedOnRequest("stopped on request after step %,d of %,d; %s, and the same command goes on"
                .formatted(step, steps, checkpoints.lastGood()));
    }
}
