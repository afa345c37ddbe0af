package io.sparkqa.job;

import io.sparkqa.config.NearestName;
import io.sparkqa.config.Printable;
import io.sparkqa.config.UserError;
import io.sparkqa.config.WrongUse;
import io.sparkqa.files.Staging;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.types.NumericType;

/** The form in which the rows of a result are printed, or written to a file. */
enum RowFormat {
    /** Aligned columns for reading. A long result is cut off, and its last line says so. */
    TABLE {
        @Override
        void print(Dataset<Row> rows, Consumer<String> lines) {
            List<List<String>> cells = new ArrayList<>();
            cells.add(Stream.of(rows.columns()).map(RowFormat::shown).toList());
            List<Row> some = asText(rows).takeAsList(LONGEST_TABLE + 1);
            some.stream()
                    .limit(LONGEST_TABLE)
                    .forEach(row ->
                            cells.add(cells(row).stream().map(RowFormat::shown).collect(Collectors.toList())));
            String format = lineFormat(rows, cells);
            cells.forEach(row -> lines.accept(
                    String.format(Locale.ROOT, format, row.toArray()).stripTrailing()));
            if (some.size() > LONGEST_TABLE) {
                lines.accept("... only the first %,d rows are shown; --format csv or json prints all"
                        .formatted(LONGEST_TABLE));
            }
        }
    },
    /** Comma-separated values with a heading, as in RFC 4180. */
    CSV {
        @Override
        void print(Dataset<Row> rows, Consumer<String> lines) {
            lines.accept(line(Arrays.asList(rows.columns())));
            asText(rows).toLocalIterator().forEachRemaining(row -> lines.accept(line(cells(row))));
        }

        private String line(List<String> cells) {
            return cells.stream().map(this::quoted).collect(Collectors.joining(","));
        }

        private String quoted(String cell) {
            boolean plain = cell.chars().noneMatch(c -> c == ',' || c == '"' || c == '\n' || c == '\r');
            return plain ? cell : '"' + cell.replace("\"", "\"\"") + '"';
        }
    },
    /** A JSON object per line; null values are left out. */
    JSON {
        @Override
        void print(Dataset<Row> rows, Consumer<String> lines) {
            Iterator<String> objects = rows.toJSON().toLocalIterator();
            objects.forEachRemaining(object -> lines.accept(Printable.json(object)));
        }
    };

    private static final int LONGEST_TABLE = 1000;
    private static final int WIDEST_CELL = 80;

    abstract void print(Dataset<Row> rows, Consumer<String> lines);

    /** Prints the rows, or writes them to a file, which gets its name when it is complete, and says so. */
    final void write(Dataset<Row> rows, Optional<Path> file, Consumer<String> lines) throws IOException {
        if (file.isEmpty()) {
            print(rows, lines);
            return;
        }
        Path staging = Staging.of(file.get());
        try {
            try (PrintWriter writer = new PrintWriter(Files.newBufferedWriter(staging))) {
                print(rows, line -> writer.print(line + "\n"));
                if (writer.checkError()) {
                    throw new UserError("%s: can't be written to its end; is the disk full?".formatted(staging));
                }
            }
            Staging.publish(staging, file.get());
        } finally {
            Files.deleteIfExists(staging);
        }
        lines.accept("sql: the result is in " + file.get());
    }

    /** Returns the names of all formats. */
    static List<String> names() {
        return Arrays.stream(values())
                .map(format -> format.name().toLowerCase(Locale.ROOT))
                .toList();
    }

    /** Returns the format for a file's name extension; a table for other names, or without a file. */
    static RowFormat of(Optional<Path> file) {
        String name = file.map(path -> path.getFileName().toString().toLowerCase(Locale.ROOT))
                .orElse("");
        if (name.endsWith(".csv")) {
            return CSV;
        }
        return name.matches(".*\\.(json|jsonl|ndjson)") ? JSON : TABLE;
    }

    /** Returns the format of that name. */
    static RowFormat named(String name) {
        int index = names().indexOf(name.toLowerCase(Locale.ROOT));
        if (index < 0) {
            throw new WrongUse("%s: no such format; give %s%s"
                    .formatted(
                            name,
                            String.join(", ", names()),
                            NearestName.of(name, names())
                                    .map(nearest -> "; did you mean " + nearest + "?")
                                    .orElse("")));
        }
        return values()[index];
    }

    /**
     * Returns every value as Spark prints it, including arrays and structs. The columns are named by numbers, since two may
     * have the same name.
     */
    private static Dataset<Row> asText(Dataset<Row> rows) {
        String[] numbers = IntStream.range(0, rows.columns().length)
                .mapToObj(Integer::toString)
                .toArray(String[]::new);
        Dataset<Row> numbered = rows.toDF(numbers);
        return numbered.select(Arrays.stream(numbers)
                .map(number -> numbered.col(number).cast("string"))
                .toArray(Column[]::new));
    }

    /** Returns a cell of a table: one line, at most {@link #WIDEST_CELL} characters, … for the rest. */
    private static String shown(String cell) {
        String line = Printable.of(cell);
        return line.length() <= WIDEST_CELL ? line : Printable.of(line.substring(0, WIDEST_CELL - 1)) + "…";
    }

    private static List<String> cells(Row row) {
        List<String> cells = new ArrayList<>();
        for (int i = 0; i < row.size(); i++) {
            cells.add(row.isNullAt(i) ? "" : row.getString(i));
        }
        return cells;
    }

    /** Returns a format for {@link String#format} that aligns numbers to the right. */
    private static String lineFormat(Dataset<Row> rows, List<List<String>> cells) {
        StringBuilder format = new StringBuilder();
        for (int i = 0; i < rows.columns().length; i++) {
            int column = i;
            int width = cells.stream()
                    .mapToInt(row -> row.get(column).length())
                    .max()
                    .orElse(0);
            boolean number = rows.schema().apply(i).dataType() instanceof NumericType;
            format.append(i == 0 ? "" : "  ").append(number ? "%" : "%-").append(Math.max(1, width));
            format.append('s');
        }
        return format.toString();
    }
}
