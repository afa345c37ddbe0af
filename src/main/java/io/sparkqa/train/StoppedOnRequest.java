package io.sparkqa.train;

import java.io.IOException;
import java.util.Locale;

/** Ends a training after a {@link StopRequest}. The same command continues from the last checkpoint. */
public final class StoppedOnRequest extends RuntimeException {
    private static final long serialVersionUID = 1L;

    StoppedOnRequest(String message) {
        super(message);
    }

    static StoppedOnRequest after(long step, long steps, Checkpoints checkpoints) throws IOException {
        return new StoppedOnRequest(String.format(
                Locale.ROOT,
                "stopped on request after step %,d of %,d; %s; run the same command again to continue",
                step,
                steps,
                checkpoints.lastGood()));
    }
}
