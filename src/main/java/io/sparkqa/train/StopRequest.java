package io.sparkqa.train;

/** A wish, told from any thread, that a training stop in good order: step finished, checkpoint written. */
public final class StopRequest {
    private volatile boolean made;

    public void make() {
        made = true;
    }

    /**
     * A place where the training may stop.
     *
     * @throws StoppedOnRequest if the request has been made
     */
    public void check() {
        if (made) {
            throw new StoppedOnRequest("stopped on request; the same command goes on");
        }
    }
}
