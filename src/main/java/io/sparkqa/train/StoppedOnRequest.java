package io.sparkqa.train;

/** A training ended before its time because a {@link StopRequest} was made; all that it had done is saved. */
public final class StoppedOnRequest extends RuntimeException {
    private static final long serialVersionUID = 1L;

    StoppedOnRequest(String message) {
        super(message);
    }
}
