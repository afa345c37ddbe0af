package io.sparkqa.train;

import java.util.List;

/** The replicas of a training in rounds, in this process or elsewhere. */
@FunctionalInterface
public interface Replicas {
    /**
     * Runs each replica's share of a round.
     *
     * @param weights weights from which all replicas start, packed
     * @throws StoppedOnRequest if a stop was requested meanwhile
     */
    Exchange round(Round round, List<byte[]> weights) throws Exception;

    /**
     * The result of a round.
     *
     * @param mean mean of the replicas' weights, packed, as {@link Replica#mean} computes it
     * @param reports one for each replica
     */
    record Exchange(List<byte[]> mean, List<Report> reports) {}

    /**
     * A replica's report of its share of a round.
     *
     * @param moments folder of its moments
     * @param place where Spark should run its next round; empty for anywhere
     * @param stepsMilliseconds time of its steps
     * @param momentsMilliseconds time of reading its moments, if needed, and of writing them
     * @param peak operations per second of a large matrix product on its device
     */
    record Report(
            int replica,
            String moments,
            String place,
            List<OptimizerStep> steps,
            double stepsMilliseconds,
            double momentsMilliseconds,
            double peak) {}
}
