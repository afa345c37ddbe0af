package io.sparkqa.spark;

import io.sparkqa.config.Printable;
import io.sparkqa.config.UserError;
import io.sparkqa.squad.Example;
import java.util.List;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
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
