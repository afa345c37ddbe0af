package io.sparkqa.train;

/**
 * The parts of a round's time, in milliseconds.
 *
 * @param step steps of the run done after the round
 * @param round whole round, without the checkpoint
 * @param steps the slowest replica's steps
 * @param moments the slowest replica's reading and writing of moments
 * @param checkpoint writing weights and outer velocity to the checkpoint, and moving the moments there
 * @param bytes size of the weights, which are sent to each replica and back, and once to the driver
 */
public record RoundTimes(long step, double round, double steps, double moments, double checkpoint, long bytes) {
    /** Returns the time of sending weights and of the outer step, provided that all replicas work at the same time. */
    public double exchange() {
        return round - steps - moments;
    }
}
