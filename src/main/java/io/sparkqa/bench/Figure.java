package io.sparkqa.bench;

import java.util.Optional;

/**
 * One row of a benchmark's table.
 *
 * @param what was done
 * @param milliseconds one repetition took
 * @param rate units a second
 * @param unit of the rate: tokens, questions, windows, MB
 * @param gflops 10^9 floating point operations a second, where these are what counts
 * @param share of the limit measured in the same run, and which limit that is
 */
public record Figure(
        String what, double milliseconds, double rate, String unit, Optional<Double> gflops, Optional<Share> share) {

    /** A share, 1 being all of it, of a limit. */
    public record Share(double value, String of) {}

    /** So many units in so many milliseconds. */
    static Figure of(String what, double milliseconds, double amount, String unit) {
        return new Figure(what, milliseconds, amount / milliseconds * 1e3, unit, Optional.empty(), Optional.empty());
    }

    /** The same with the floating point operations that it took. */
    Figure withOperations(double operations) {
        return new Figure(what, milliseconds, rate, unit, Optional.of(operations / milliseconds / 1e6), share);
    }

    /** The same as a share of another row's rate. */
    public Figure shareOf(Figure limit, String name) {
        double value = gflops.isPresent() ? gflops.get() / limit.gflops.orElseThrow() : rate / limit.rate;
        return new Figure(what, milliseconds, rate, unit, gflops, Optional.of(new Share(value, name)));
    }
}
