package io.sparkqa.model;

/** The mixing function of splitmix64 (Steele, Lea and Flood 2014), for use in counter mode. */
final class SplitMix {
    /** The odd integer nearest to 2^64 over the golden ratio: the distance between two counters. */
    static final long GOLDEN = 0x9E3779B97F4A7C15L;

    private SplitMix() {}

    static long mix(long z) {
        z = (z ^ z >>> 30) * 0xBF58476D1CE4E5B9L;
        z = (z ^ z >>> 27) * 0x94D049BB133111EBL;
        return z ^ z >>> 31;
    }
}
