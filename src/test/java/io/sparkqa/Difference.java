package io.sparkqa;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Locale;

/**
 * The largest difference found between ours and the references' numbers. When closed it is printed as a row of a table,
 * and must lie within its tolerance: {@code mvn test -Dgroups=reference} prints them all.
 */
public final class Difference implements AutoCloseable {
    private final String what;
    private final double tolerance;
    private double largest;
    private long compared;

    /** Of what is named, as "logits, float32". */
    public Difference(String what, double tolerance) {
        this.what = what;
        this.tolerance = tolerance;
    }

    /** Compares two numbers by their absolute difference. */
    public void absolute(double actual, double expected) {
        add(actual, expected, 1);
    }

    /** Compares two numbers by their difference as a share of the expected one. */
    public void relative(double actual, double expected) {
        add(actual, expected, Math.abs(expected));
    }

    /** Compares arrays of one length, element by element, by their absolute differences. */
    public void absolute(float[] actual, float[] expected) {
        assertThat(actual).as(what).hasSameSizeAs(expected);
        for (int i = 0; i < actual.length; i++) {
            absolute(actual[i], expected[i]);
        }
    }

    private void add(double actual, double expected, double unit) {
        double difference = actual == expected ? 0 : Math.abs(actual - expected) / unit;
        largest = Double.isNaN(difference) ? Double.POSITIVE_INFINITY : Math.max(largest, difference);
        compared++;
    }

    @Override
    public void close() {
        System.out.printf(Locale.ROOT, "| %s | %,d | %.1e | %.0e |%n", what, compared, largest, tolerance);
        assertThat(compared).as(what + ": numbers compared").isPositive();
        assertThat(largest).as(what).isLessThanOrEqualTo(tolerance);
    }
}
