package io.sparkqa.train;

/** Asks a training, from any thread, to finish its step, write a checkpoint and stop. */
public final class StopRequest {
    private volatile boolean made;

    /** Requests a stop. */
    public void make() {
        made = true;
    }

    /**
     * Returns unless a stop was requested.
     *
     * @throws StoppedOnRequest if a stop was requested
     */
    public void check() {
        if (made) {
            throw new StoppedOnRequest("stopped on request; run the same command again to continue");
        }
    }
}
