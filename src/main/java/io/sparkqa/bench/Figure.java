package io.sparkqa.bench;

import java.util.Locale;
import java.util.Optional;

/**
 * A row of the benchmark's table.
 *
 * @param what what was measured
 * @param milliseconds duration of one repetition
 * @param rate units processed per second
 * @param gflops 10^9 floating point operations per second, for computations bound by these
 * @param share share of a limit that was measured in the same run
 */
public record Figure(
        String what, double milliseconds, Optional<Rate> rate, Optional<Double> gflops, Optional<Share> share) {

    /** Units per second; a unit is tokens, questions, windows, MB or products. */
    public record Rate(double value, String unit) {}

    /**
     * A share of a limit.
     *
     * @param value 1 if the limit is reached
     * @param of name of the limit
     */
    public record Share(double value, String of) {}

    /** Returns a figure that has a duration only. */
    static Figure of(String what, double milliseconds) {
        return new Figure(what, milliseconds, Optional.empty(), Optional.empty(), Optional.empty());
    }

    /** Returns a figure with the rate of processing {@code amount} units in the given time. */
    static Figure of(String what, double milliseconds, double amount, String unit) {
        Rate rate = new Rate(amount / milliseconds * 1e3, unit);
        return new Figure(what, milliseconds, Optional.of(rate), Optional.empty(), Optional.empty());
    }

    /** Returns this figure with the rate of floating point operations, given their number in one repetition. */
    Figure withOperations(double operations) {
        return new Figure(what, milliseconds, rate, Optional.of(operations / milliseconds / 1e6), share);
    }

    /** Returns this figure with its rate as a share of another one's. */
    Figure shareOf(Figure limit, String name) {
        return withShare(rate.orElseThrow().value(), limit.rate.orElseThrow().value(), name);
    }

    /**
     * Returns this figure with its floating point operations per second as a share of the matrix product's: the mean of the
     * products measured before and after it.
     */
    public Figure shareOfProducts(Figure before, Figure after) {
        double product = (before.gflops.orElseThrow() + after.gflops.orElseThrow()) / 2;
        return withShare(gflops.orElseThrow(), product, String.format(Locale.ROOT, "the product's %.0f", product));
    }

    private Figure withShare(double value, double limit, String name) {
        return new Figure(what, milliseconds, rate, gflops, Optional.of(new Share(value / limit, name)));
    }
}
