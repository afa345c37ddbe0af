package io.sparkqa.bench;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Stream;

/** Formats figures: as a table for people, or as JSON with one object per line for programs. */
public enum BenchTable {
    TEXT {
        @Override
        public String heading() {
            return ROW.formatted("", "ms", "a second", "GFLOP/s", "share");
        }

        @Override
        public String row(Figure figure) {
            return ROW.formatted(
                            figure.what(),
                            number(figure.milliseconds()),
                            figure.rate()
                                    .map(rate -> number(rate.value()) + " " + rate.unit())
                                    .orElse(""),
                            figure.gflops().map(BenchTable::number).orElse(""),
                            figure.share().map(BenchTable::words).orElse(""))
                    .stripTrailing();
        }
    },
    JSON {
        @Override
        public String heading() {
            return "";
        }

        @Override
        public String row(Figure figure) {
            Map<String, Object> values = new LinkedHashMap<>();
            values.put("what", figure.what());
            values.put("milliseconds", figure.milliseconds());
            figure.rate().ifPresent(rate -> {
                values.put("rate", rate.value());
                values.put("unit", rate.unit());
            });
            figure.gflops().ifPresent(gflops -> values.put("gflops", gflops));
            figure.share().ifPresent(share -> {
                values.put("share", share.value());
                values.put("share_of", share.of());
            });
            try {
                return MAPPER.writeValueAsString(values);
            } catch (JsonProcessingException e) {
                throw new IllegalStateException(e);
            }
        }
    };

    private static final String ROW = "%-54s %10s %20s %9s  %s";
    private static final ObjectMapper MAPPER = new ObjectMapper();

    /** Returns the line above the rows; "" if there is none. */
    public abstract String heading();

    /** Returns the line of a figure. */
    public abstract String row(Figure figure);

    /** Returns the lines of several figures. */
    public Stream<String> rows(List<Figure> figures) {
        return figures.stream().map(this::row);
    }

    private static String number(double value) {
        return String.format(Locale.ROOT, value < 100 ? "%,.2f" : "%,.0f", value);
    }

    private static String words(Figure.Share share) {
        return share.value() < 2
                ? String.format(Locale.ROOT, "%.0f %% of %s", 100 * share.value(), share.of())
                : String.format(Locale.ROOT, "%.1f times %s", share.value(), share.of());
    }
}
