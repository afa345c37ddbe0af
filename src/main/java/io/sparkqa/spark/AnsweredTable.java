package io.sparkqa.spark;

import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.to_json;

import io.sparkqa.config.WrongUse;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
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

    /** Reads a table. CSV must have a header, and its columns are read as text; JSON must have one object per line. */
    public Dataset<Row> read(SparkSession spark, String uri) {
        return switch (this) {
            case CSV -> spark.read()
                    .option("header", true)
                    .option("multiLine", true)
                    .option("escape", "\"")
                    .csv(uri);
            case JSON -> spark.read().json(uri);
            case PARQUET -> spark.read().parquet(uri);
        };
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
            columns.add(col(quoted(answer) + "." + part).as(answer + "_" + part));
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
