package io.sparkqa;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Locale;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * The largest difference found between our numbers and the references'. When closed it must lie within its tolerance and
 * be a row of the table in docs/fidelity.md, whose count and tolerance are compared. {@code mvn test -Dgroups=reference
 * -Dsparkqa.docs=write -Dtest.forks=1} writes that table.
 */
public final class Difference implements AutoCloseable {
    private static final GeneratedTable PAGE = new GeneratedTable("docs/fidelity.md", "differences");
    private static final String HEAD =
            "| what | numbers compared | largest difference | tolerance |\n| --- | --- | --- | --- |\n";

    private final String what;
    private final double tolerance;
    private double largest;
    private long compared;

    /** Names what is compared, such as "logits, float32". */
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
        assertThat(compared).as(what + ": numbers compared").isPositive();
        assertThat(largest).as(what).isLessThanOrEqualTo(tolerance);
        String row = String.format(Locale.ROOT, "| %s | %,d | %.1e | %.0e |", what, compared, largest, tolerance);
        SortedMap<String, String> rows = rows();
        String before = rows.put(what, row);
        if (GeneratedTable.isToBeWritten()) {
            PAGE.write(HEAD + String.join("\n", rows.values()) + "\n");
        } else {
            assertThat(before)
                    .as("docs/fidelity.md lacks this row or has another one; -Dsparkqa.docs=write writes it: " + row)
                    .startsWith(String.format(Locale.ROOT, "| %s | %,d |", what, compared))
                    .endsWith(String.format(Locale.ROOT, "| %.0e |", tolerance));
        }
    }

    /** Returns the page's rows by what they compare. */
    static SortedMap<String, String> rows() {
        SortedMap<String, String> rows = new TreeMap<>();
        PAGE.text()
                .lines()
                .skip(HEAD.lines().count())
                .forEach(row -> rows.put(row.substring(2, row.indexOf(" | ")), row));
        return rows;
    }
}
