package io.sparkqa.spark;

import java.io.Serializable;
import org.apache.spark.SparkContext;
import org.apache.spark.util.LongAccumulator;

/**
 * Counters of {@link SquadWindows}, as accumulators, which Spark's web page shows too.
 *
 * @param questions questions read
 * @param windows windows made
 * @param divided questions with more than one window
 * @param tooLong questions skipped because they are too long for a window
 */
public record WindowCounts(
        LongAccumulator questions, LongAccumulator windows, LongAccumulator divided, LongAccumulator tooLong)
        implements Serializable {
    /** Registers new counters. */
    public static WindowCounts in(SparkContext spark) {
        return new WindowCounts(
                spark.longAccumulator("questions"),
                spark.longAccumulator("windows"),
                spark.longAccumulator("contexts truncated (questions with several windows)"),
                spark.longAccumulator("questions skipped (too long)"));
    }
}
