package io.sparkqa.train;

import java.util.List;

/** The networks of a training in rounds, in this process or elsewhere. */
@FunctionalInterface
public interface Replicas {
    /**
     * Lets each replica do its share of a round.
     *
     * @param weights from which all of them start, packed
     * @throws StoppedOnRequest if a stop was requested meanwhile
     */
    Exchange round(Round round, List<byte[]> weights) throws Exception;

    /**
     * What the replicas return.
     *
     * @param mean of their weights, packed, as {@link Replica#mean} computes it
     * @param reports by replica
     */
    record Exchange(List<byte[]> mean, List<Report> reports) {}

    /**
     * A replica's share of a round.
     *
     * @param moments folder that holds its moments
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
