package io.sparkqa.spark;

import com.google.common.collect.AbstractIterator;
import com.google.common.collect.Iterators;
import io.sparkqa.config.Printable;
import io.sparkqa.config.UserError;
import io.sparkqa.files.FileUri;
import io.sparkqa.squad.Example;
import io.sparkqa.squad.InvalidExample;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import org.apache.spark.TaskKilledException;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.functions;

/**
 * Reads SQuAD 1.1 and 2.0 as HuggingFace's data sets store them: Parquet with the columns {@code id}, {@code title}, {@code
 * context}, {@code question} and {@code answers}, a struct of the arrays {@code text} and {@code answer_start}. Examples are
 * numbered in the order of the files and their rows.
 */
public final class SquadParquet {
    private SquadParquet() {}

    /** Returns whether a file is Parquet according to its name. */
    public static boolean isMeantBy(Path file) {
        return file.toString().endsWith(".parquet");
    }

    /**
     * Reads the files of a data set, in their order.
     *
     * @throws UserError if a file is not Parquet or has other columns, or if there are no questions; tasks throw it too, for
     *     a row with a missing or broken value
     */
    public static SquadTable.Questions open(SparkSession spark, List<Path> files) {
        List<Dataset<Row>> tables = new ArrayList<>();
        long examples = 0;
        for (Path file : files) {
            Dataset<Row> rows = columns(spark, file);
            tables.add(table(spark, file.toString(), rows, examples));
            examples += count(rows, file);
        }
        if (examples == 0) {
            throw new UserError("%s: has no questions; set a data set that has some".formatted(files.get(0)));
        }
        return new SquadTable.Questions(tables.stream().reduce(Dataset::union).orElseThrow(), examples);
    }

    // Spark throws checked exceptions that it does not declare
    @SuppressWarnings("CatchingUnchecked")
    private static long count(Dataset<Row> rows, Path file) {
        try {
            return rows.count();
        } catch (Exception e) {
            throw unreadable(file.toString(), e);
        }
    }

    // Spark throws checked exceptions that it does not declare
    @SuppressWarnings("CatchingUnchecked")
    private static Dataset<Row> columns(SparkSession spark, Path file) {
        Dataset<Row> rows;
        try {
            rows = spark.read().parquet(FileUri.toRead(file));
        } catch (Exception e) {
            throw unreadable(file.toString(), e);
        }
        try {
            return rows.select(
                    functions.col("id").cast("string"),
                    orNull(rows, "title", "title").cast("string").as("title"),
                    functions.col("context").cast("string"),
                    functions.col("question").cast("string"),
                    orNull(rows, "answers", "answers").isNotNull().as("labelled"),
                    orNull(rows, "answers", "answers.text")
                            .cast("array<string>")
                            .as("texts"),
                    orNull(rows, "answers", "answers.answer_start")
                            .cast("array<int>")
                            .as("starts"),
                    orNull(rows, "is_impossible", "is_impossible")
                            .cast("boolean")
                            .as("is_impossible"),
                    functions.col("_metadata.row_index").as("row"));
        } catch (Exception e) {
            throw new UserError(
                    "%s: its columns are %s, but SQuAD's are id, title, context, question, and answers with text and answer_start"
                            .formatted(file, rows.schema().simpleString()),
                    e);
        }
    }

    /** Returns a column, or nulls if the table does not have it. */
    private static Column orNull(Dataset<Row> rows, String column, String path) {
        return List.of(rows.columns()).contains(column) ? functions.col(path) : functions.lit(null);
    }

    private static Dataset<Row> table(SparkSession spark, String file, Dataset<Row> rows, long first) {
        // Dataset.map would pass on rows without their schema.
        return spark.createDataFrame(
                rows.javaRDD()
                        .mapPartitions(part -> Iterators.transform(
                                readable(file, part), row -> ExampleRow.of(example(file, row, first)))),
                ExampleRow.SCHEMA);
    }

    /** Returns the same rows. If Spark can't read one, the error names the file. */
    private static Iterator<Row> readable(String file, Iterator<Row> rows) {
        return new AbstractIterator<>() {
            @Override
            protected Row computeNext() {
                try {
                    return rows.hasNext() ? rows.next() : endOfData();
                } catch (TaskKilledException e) {
                    throw e;
                } catch (RuntimeException e) {
                    throw unreadable(file, e);
                }
            }
        };
    }

    private static UserError unreadable(String file, Exception problem) {
        return new UserError(
                "%s: can't be read as Parquet; if it is damaged, copy or fetch it again".formatted(file), problem);
    }

    private static Example example(String file, Row row, long first) {
        requireValues(file, row, List.of("id", "context", "question"));
        String title = row.getAs("title");
        try {
            return Example.of(
                    first + row.<Long>getAs("row"),
                    row.getAs("id"),
                    title == null ? "" : title,
                    row.getAs("context"),
                    row.getAs("question"),
                    row.<Boolean>getAs("labelled") ? Optional.of(answers(file, row)) : Optional.empty(),
                    Optional.ofNullable(row.getAs("is_impossible")));
        } catch (InvalidExample e) {
            throw broken(file, row, e.getMessage());
        }
    }

    private static List<Example.Answer> answers(String file, Row row) {
        requireValues(file, row, List.of("texts", "starts"));
        List<String> texts = row.getList(row.fieldIndex("texts"));
        List<Integer> starts = row.getList(row.fieldIndex("starts"));
        if (texts.size() != starts.size() || texts.contains(null) || starts.contains(null)) {
            throw broken(
                    file,
                    row,
                    "its answers have %s texts and %s starts, or a null in one of these"
                            .formatted(texts.size(), starts.size()));
        }
        List<Example.Answer> answers = new ArrayList<>();
        for (int i = 0; i < texts.size(); i++) {
            answers.add(new Example.Answer(texts.get(i), starts.get(i)));
        }
        return answers;
    }

    private static void requireValues(String file, Row row, List<String> columns) {
        for (String column : columns) {
            if (row.isNullAt(row.fieldIndex(column))) {
                throw broken(
                        file,
                        row,
                        "%s is null"
                                .formatted(column.replace("texts", "answers.text")
                                        .replace("starts", "answers.answer_start")));
            }
        }
    }

    private static UserError broken(String file, Row row, String reason) {
        String id = row.getAs("id");
        return new UserError("%s: row %s (id %s): %s; correct the file, or copy or fetch it again"
                .formatted(file, row.<Long>getAs("row"), id == null ? "null" : Printable.of(id), reason));
    }
}
