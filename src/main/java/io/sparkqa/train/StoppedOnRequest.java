package io.sparkqa.train;

import java.io.IOException;

/** A training ended before its time because a {@link StopRequest} was made; what its last checkpoint has is saved. */
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
