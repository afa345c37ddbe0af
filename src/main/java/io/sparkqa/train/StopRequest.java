package io.sparkqa.train;

/** Asks a training, from any thread, to stop cleanly: the step is finished and a checkpoint written. */
public final class StopRequest {
    private volatile boolean made;

    /** Requests the stop. */
    public void make() {
        made = true;
    }

    /**
     * Stops here if the request has been made.
     *
     * @throws StoppedOnRequest if the request has been made
     */
    public void check() {
        if (made) {
            throw new StoppedOnRequest("stopped on request; the same command goes on");
        }
    }
}
