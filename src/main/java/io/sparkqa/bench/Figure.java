package io.sparkqa.bench;

import java.util.Locale;
import java.util.Optional;

/**
 * One row of a benchmark's table.
 *
 * @param what was done
 * @param milliseconds one repetition took
 * @param rate of what is done in that time
 * @param gflops 10^9 floating point operations a second, where these are what counts
 * @param share of the limit measured in the same run, and which limit that is
 */
public record Figure(
        String what, double milliseconds, Optional<Rate> rate, Optional<Double> gflops, Optional<Share> share) {

    /** Units a second: tokens, questions, windows, MB. */
    public record Rate(double value, String unit) {}

    /** A share, 1 being all of it, of a limit. */
    public record Share(double value, String of) {}

    /** A time alone. */
    static Figure of(String what, double milliseconds) {
        return new Figure(what, milliseconds, Optional.empty(), Optional.empty(), Optional.empty());
    }

    /** So many units in so many milliseconds. */
    static Figure of(String what, double milliseconds, double amount, String unit) {
        Rate rate = new Rate(amount / milliseconds * 1e3, unit);
        return new Figure(what, milliseconds, Optional.of(rate), Optional.empty(), Optional.empty());
    }

    /** The same with the floating point operations that it took. */
    Figure withOperations(double operations) {
        return new Figure(what, milliseconds, rate, Optional.of(operations / milliseconds / 1e6), share);
    }

    /** The same as a share of another row's rate. */
    Figure shareOf(Figure limit, String name) {
        return shareOf(rate.orElseThrow().value(), limit.rate.orElseThrow().value(), name);
    }

    /** The same as a share of the matrix product's floating point operations a second, the mean before and after it. */
    public Figure shareOfProducts(Figure before, Figure after) {
        double product = (before.gflops.orElseThrow() + after.gflops.orElseThrow()) / 2;
        return shareOf(gflops.orElseThrow(), product, String.format(Locale.ROOT, "the product's %.0f", product));
    }

    private Figure shareOf(double value, double limit, String name) {
        return new Figure(what, milliseconds, rate, gflops, Optional.of(new Share(value / limit, name)));
    }
}
