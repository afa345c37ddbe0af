package io.sparkqa.spark;

import io.sparkqa.squad.Example;
import java.util.List;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.types.StructType;

/** Converts examples to rows of Spark and back. */
public final class ExampleRow {
    /** The columns of a table of examples. */
    public static final StructType SCHEMA = StructType.fromDDL("example_index BIGINT NOT NULL, id STRING NOT NULL,"
            + " title STRING, context STRING NOT NULL, question STRING NOT NULL,"
            + " answers ARRAY<STRUCT<text: STRING, answer_start: INT>> NOT NULL, is_impossible BOOLEAN");

    private ExampleRow() {}

    static Row of(Example example) {
        return RowFactory.create(
                example.exampleIndex(),
                example.id(),
                example.title(),
                example.context(),
                example.question(),
                example.answers().stream()
                        .map(answer -> RowFactory.create(answer.text(), answer.answerStart()))
                        .toArray(Row[]::new),
                example.impossible());
    }

    /** Returns the example in a row that has at least the columns of {@link #SCHEMA}, in any order. */
    public static Example toExample(Row row) {
        List<Row> answers = row.getList(row.fieldIndex("answers"));
        return new Example(
                row.<Long>getAs("example_index"),
                row.getAs("id"),
                row.getAs("title"),
                row.getAs("context"),
                row.getAs("question"),
                answers.stream()
                        .map(answer -> new Example.Answer(answer.getAs("text"), answer.<Integer>getAs("answer_start")))
                        .toList(),
                Boolean.TRUE.equals(row.getAs("is_impossible")));
    }
}
