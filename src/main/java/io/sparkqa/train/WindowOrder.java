package io.sparkqa.train;

import java.util.SplittableRandom;
import java.util.stream.IntStream;

/** The order in which an epoch visits the training windows. */
@FunctionalInterface
public interface WindowOrder {
    /** Returns a permutation of {@code 0 … windows - 1}. */
    int[] of(int windows, long epoch);

    /** Returns the order of the table. */
    static WindowOrder asGiven() {
        return (windows, epoch) -> IntStream.range(0, windows).toArray();
    }

    /** Returns a random order for each epoch (Fisher and Yates 1938), which depends only on seed and epoch. */
    static WindowOrder shuffled(long seed) {
        return (windows, epoch) -> {
            SplittableRandom random = new SplittableRandom(seed * 0x9E3779B97F4A7C15L + epoch);
            int[] order = IntStream.range(0, windows).toArray();
            for (int i = windows - 1; i > 0; i--) {
                int j = random.nextInt(i + 1);
                int swapped = order[i];
                order[i] = order[j];
                order[j] = swapped;
            }
            return order;
        };
    }
}
