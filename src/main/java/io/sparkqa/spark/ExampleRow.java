package io.sparkqa.spark;

import io.sparkqa.config.Printable;
import io.sparkqa.config.UserError;
import io.sparkqa.squad.Example;
import java.util.List;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.functions;
import org.apache.spark.sql.types.StructType;

/** Converts examples to rows of Spark and back. */
public final class ExampleRow {
    /** The columns of a table of examples; {@code answers} is null if the answers are unknown. */
    public static final StructType SCHEMA = StructType.fromDDL("example_index BIGINT NOT NULL, id STRING NOT NULL,"
            + " title STRING, context STRING NOT NULL, question STRING NOT NULL,"
            + " answers ARRAY<STRUCT<text: STRING, answer_start: INT>>, is_impossible BOOLEAN");

    private ExampleRow() {}

    static Row of(Example example) {
        return RowFactory.create(
                example.exampleIndex(),
                example.id(),
                example.title(),
                example.context(),
                example.question(),
                example.labelled()
                        ? example.answers().stream()
                                .map(answer -> RowFactory.create(answer.text(), answer.answerStart()))
                                .toArray(Row[]::new)
                        : null,
                example.labelled() ? example.impossible() : null);
    }

    /**
     * Returns the example in a row that has at least the columns of {@link #SCHEMA}, in any order.
     *
     * @throws UserError if a required value is null
     */
    public static Example toExample(Row row) {
        for (String name : List.of("example_index", "id", "context", "question")) {
            requireValue(!row.isNullAt(row.fieldIndex(name)), row, name);
        }
        int column = row.fieldIndex("answers");
        boolean labelled = !row.isNullAt(column);
        List<Row> answers = labelled ? row.getList(column) : List.of();
        for (Row answer : answers) {
            requireValue(answer != null && !answer.anyNull(), row, "one of the answers");
        }
        return new Example(
                row.<Long>getAs("example_index"),
                row.getAs("id"),
                row.getAs("title"),
                row.getAs("context"),
                row.getAs("question"),
                answers.stream()
                        .map(answer -> new Example.Answer(answer.getAs("text"), answer.<Integer>getAs("answer_start")))
                        .toList(),
                Boolean.TRUE.equals(row.getAs("is_impossible")),
                labelled);
    }

    /**
     * Checks on the driver that all rows have an id, a number of their own, and answers without nulls.
     *
     * @param stage its name, for the message
     * @throws UserError naming the first row that has not
     */
    static void requireUsable(String stage, Dataset<Row> examples) {
        Column missing = functions
                .when(functions.col("example_index").isNull(), "example_index")
                .when(functions.col("id").isNull(), "id")
                .when(functions.expr("exists(answers, a -> a.text IS NULL OR a.answer_start IS NULL)"), "an answer");
        List<Row> first = examples.select(functions.col("example_index"), functions.col("id"), missing.as("missing"))
                .groupBy("example_index")
                .agg(
                        functions.count(functions.lit(1)).as("rows"),
                        functions.min("id").as("first"),
                        functions.max("id").as("last"),
                        functions.max("missing").as("missing"))
                .where("rows > 1 OR missing IS NOT NULL")
                .orderBy("example_index")
                .takeAsList(1);
        for (Row row : first) {
            String missed = row.getString(4);
            String index = String.valueOf(row.get(0));
            String id = Printable.of(String.valueOf(row.get(2)));
            throw new UserError(
                    missed == null
                            ? "%s: %s rows have the example_index %s, as those with the ids %s and %s; give each row a number of its own"
                                    .formatted(
                                            stage, row.getLong(1), index, id, Printable.of(String.valueOf(row.get(3))))
                            : "%s: %s is null in the row with the example_index %s and the id %s; fill or filter such rows"
                                    .formatted(stage, missed, index, id));
        }
    }

    private static void requireValue(boolean isThere, Row row, String name) {
        if (!isThere) {
            Object index = row.getAs("example_index");
            Object id = row.getAs("id");
            throw new UserError(
                    "%s is null in the row with the example_index %s and the id %s; fill or filter such rows"
                            .formatted(name, index, Printable.of(String.valueOf(id))));
        }
    }
}
