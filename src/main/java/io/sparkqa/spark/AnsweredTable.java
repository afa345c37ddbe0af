package io.sparkqa.spark;

import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.to_json;

import io.sparkqa.config.Printable;
import io.sparkqa.config.Reason;
import io.sparkqa.config.UserError;
import io.sparkqa.config.WrongUse;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import java.util.zip.GZIPInputStream;
import org.apache.commons.lang3.exception.ExceptionUtils;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.types.StructField;

/** The formats of tables of questions, which are read, and of tables of answers, which are written. */
public enum AnsweredTable {
    CSV,
    JSON,
    PARQUET;

    /** Returns the format of a file or folder according to the ending of its name. */
    public static AnsweredTable of(String path) {
        String name = path.replaceFirst("\\.gz$", "");
        if (name.endsWith(".csv")) {
            return CSV;
        }
        if (name.endsWith(".json") || name.endsWith(".jsonl")) {
            return JSON;
        }
        if (name.endsWith(".parquet")) {
            return PARQUET;
        }
        throw new WrongUse(path + ": the format is unknown; the name must end in .csv, .json, .jsonl or .parquet");
    }

    /**
     * Reads a table. CSV must have a header, and its columns are read as text; JSON must have one object per line. A broken record is an error of the driver or of a task, which {@link #problem} explains.
     */
    public Dataset<Row> read(SparkSession spark, String uri) {
        return switch (this) {
            case CSV -> spark.read()
                    .option("header", true)
                    .option("multiLine", true)
                    .option("escape", "\"")
                    .option("mode", "FAILFAST")
                    .csv(uri);
            case JSON -> spark.read().option("mode", "FAILFAST").json(uri);
            case PARQUET -> spark.read().parquet(uri);
        };
    }

    /**
     * Checks that the CSV files of a folder have the same header, since Spark takes the first file's for all.
     *
     * @throws UserError naming two files that have not
     */
    public static void requireOneHeader(Path folder) {
        Map<String, Path> headers = new LinkedHashMap<>();
        try (Stream<Path> files = Files.list(folder)) {
            for (Path file : files.filter(file -> file.getFileName().toString().matches("[^._].*\\.csv(\\.gz)?"))
                    .sorted()
                    .toList()) {
                headers.putIfAbsent(header(file), file);
            }
        } catch (IOException e) {
            throw new UserError("%s: can't be read: %s".formatted(folder, Reason.of(e)), e);
        }
        if (headers.size() > 1) {
            List<Path> files = List.copyOf(headers.values());
            throw new UserError("%s: has another header than %s; give all files the same columns in the same order"
                    .formatted(files.get(1), files.get(0)));
        }
    }

    private static String header(Path file) throws IOException {
        try (InputStream in = Files.newInputStream(file);
                BufferedReader lines = new BufferedReader(new InputStreamReader(
                        file.toString().endsWith(".gz") ? new GZIPInputStream(in) : in, StandardCharsets.UTF_8))) {
            return String.valueOf(lines.readLine());
        }
    }

    /** Returns in words what is wrong with a table, if that has made reading it fail. */
    public Optional<String> problem(Throwable failure) {
        if (ExceptionUtils.getThrowableList(failure).stream()
                .noneMatch(cause -> String.valueOf(cause.getMessage()).contains("Malformed records"))) {
            return Optional.empty();
        }
        return Optional.of(
                this == JSON
                        ? "a line is not one JSON object; write each object on a line of its own"
                        : "a row has more or fewer cells than the header; correct it");
    }

    /** Writes a table whose column {@code answer} holds answers; CSV has a column for each part of the answer. */
    public void write(Dataset<Row> table, String answer, String uri) {
        switch (this) {
            case CSV -> flat(table, answer)
                    .write()
                    .option("header", true)
                    .option("escape", "\"")
                    .csv(uri);
            case JSON -> table.write().option("ignoreNullFields", false).json(uri);
            case PARQUET -> table.write().parquet(uri);
        }
    }

    private static Dataset<Row> flat(Dataset<Row> table, String answer) {
        List<Column> columns = new ArrayList<>();
        Stream.of(table.schema().fields())
                .filter(field -> !field.name().equals(answer))
                .forEach(field -> columns.add(text(field)));
        columns.add(col(quoted(answer) + ".text").as(answer));
        for (String part : List.of("probability", "null_odds", "start", "end")) {
            String name = answer + "_" + part;
            if (Stream.of(table.columns()).anyMatch(name::equalsIgnoreCase)) {
                throw new UserError("the table already has a column %s; name another one for the answers (--answer)"
                        .formatted(Printable.of(name)));
            }
            columns.add(col(quoted(answer) + "." + part).as(name));
        }
        return table.select(columns.toArray(Column[]::new));
    }

    /** Converts nested values to JSON, since CSV has none. */
    private static Column text(StructField field) {
        Column column = col(quoted(field.name()));
        return switch (field.dataType().typeName()) {
            case "struct", "array", "map" -> to_json(column).as(field.name());
            default -> column;
        };
    }

    private static String quoted(String name) {
        return "`" + name.replace("`", "``") + "`";
    }
}
