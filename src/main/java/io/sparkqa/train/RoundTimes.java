package io.sparkqa.train;

/**
 * Where the time of a round went, in milliseconds.
 *
 * @param step steps done after it
 * @param round all of it but the checkpoint
 * @param steps the slowest replica's steps
 * @param moments the slowest replica's reading and writing of moments
 * @param checkpoint writing weights and outer velocity, and moving the moments there
 * @param bytes of the weights: so much goes to each replica, comes from each, and comes to the driver
 */
public record RoundTimes(long step, double round, double steps, double moments, double checkpoint, long bytes) {
    /** The weights' way out and back and the outer step, as long as the replicas work at the same time. */
    public double exchange() {
        return round - steps - moments;
    }
}
