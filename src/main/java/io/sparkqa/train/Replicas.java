package io.sparkqa.train;

import java.util.List;

/** The networks of a training in rounds, wherever they are. */
@FunctionalInterface
public interface Replicas {
    /**
     * Sends each replica through its share of a round.
     *
     * @param weights from which all of them start, packed
     * @throws StoppedOnRequest if it was broken off on request
     */
    Exchange round(Round round, List<byte[]> weights) throws Exception;

    /**
     * What the replicas come back with.
     *
     * @param mean of their weights, packed, as {@link Replica#mean} computes it
     * @param reports by replica
     */
    record Exchange(List<byte[]> mean, List<Report> reports) {}

    /**
     * What a replica has done.
     *
     * @param moments folder in which it has left its moments
     * @param place where Spark may find it for the next round; empty if that does not matter
     * @param stepsMilliseconds time of its steps
     * @param momentsMilliseconds time of fetching its moments, if it had to, and of writing them
     */
    record Report(
            int replica,
            String moments,
            String place,
            List<OptimizerStep> steps,
            double stepsMilliseconds,
            double momentsMilliseconds) {}
}
