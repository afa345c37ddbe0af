package io.sparkqa.spark;

import java.io.Serializable;
import org.apache.spark.SparkContext;
import org.apache.spark.util.LongAccumulator;

/**
 * What {@link SquadWindows} has done so far, as accumulators that Spark's own page shows too.
 *
 * @param questions looked at
 * @param windows made
 * @param divided questions with more than one window
 * @param tooLong questions left without windows
 */
public record WindowCounts(
        LongAccumulator questions, LongAccumulator windows, LongAccumulator divided, LongAccumulator tooLong)
        implements Serializable {
    public static WindowCounts in(SparkContext spark) {
        return new WindowCounts(
                spark.longAccumulator("questions"),
                spark.longAccumulator("windows"),
                spark.longAccumulator("contexts truncated (questions with several windows)"),
                spark.longAccumulator("questions skipped (too long)"));
    }
}
