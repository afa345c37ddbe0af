package io.sparkqa.spark;

import io.sparkqa.config.Printable;
import io.sparkqa.config.UserError;
import io.sparkqa.decode.Prediction;
import io.sparkqa.decode.Prediction.Candidate;
import io.sparkqa.decode.SpanDecoder;
import io.sparkqa.decode.TopLogits;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.apache.spark.api.java.function.CoGroupFunction;
import org.apache.spark.api.java.function.MapFunction;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Encoders;
import org.apache.spark.sql.KeyValueGroupedDataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.functions;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;

/** Builds a table of answers, one row per question, by joining each question with the highest logits of its windows. */
public final class AnswersTable {
    static final StructType CANDIDATE = new StructType()
            .add("text", DataTypes.StringType)
            .add("start_logit", DataTypes.FloatType)
            .add("end_logit", DataTypes.FloatType)
            .add("probability", DataTypes.FloatType)
            .add("start", DataTypes.IntegerType)
            .add("end", DataTypes.IntegerType);

    /**
     * The columns. {@code text} is the best text regardless of the null odds, {@code prediction} the answer, "" for none.
     * {@code start} (inclusive) and {@code end} (exclusive) are code points of the context.
     */
    public static final StructType SCHEMA = new StructType()
            .add("example_index", DataTypes.LongType)
            .add("id", DataTypes.StringType)
            .add("text", DataTypes.StringType)
            .add("prediction", DataTypes.StringType)
            .add("null_odds", DataTypes.FloatType)
            .add("n_best", DataTypes.createArrayType(CANDIDATE));

    private static final StructType EXAMPLES = new StructType()
            .add("example_index", DataTypes.LongType)
            .add("id", DataTypes.StringType)
            .add("context", DataTypes.StringType);

    private AnswersTable() {}

    /**
     * Returns one answer for each example; examples without windows get "".
     *
     * @param topLogits highest logits of the examples' windows, as {@link TopLogitsTable} has them
     * @throws IllegalArgumentException if one of the tables lacks a column; tasks throw {@link UserError} where an index is
     *     missing or not unique, and where windows belong to another example or context
     */
    public static Dataset<Row> of(
            Dataset<Row> examples, Dataset<Row> topLogits, SpanDecoder decoder, double nullThreshold) {
        return byExample(examples, EXAMPLES, "the examples")
                .cogroup(
                        byExample(topLogits, TopLogitsTable.SCHEMA, "the windows"),
                        (CoGroupFunction<Long, Row, Row, Row>)
                                (index, example, windows) -> answers(example, windows, decoder, nullThreshold),
                        Encoders.row(SCHEMA));
    }

    private static KeyValueGroupedDataset<Long, Row> byExample(Dataset<Row> table, StructType columns, String name) {
        RequiredColumns.check("AnswersTable: " + name, table.schema(), columns);
        return table.select(Stream.of(columns.fieldNames()).map(functions::col).toArray(Column[]::new))
                .groupByKey(
                        (MapFunction<Row, Long>) row -> {
                            if (row.isNullAt(0) || row.isNullAt(1)) {
                                throw new UserError(
                                        "a row of %s has no %s; give each question an id, and a number of its own as example_index"
                                                .formatted(name, columns.fieldNames()[row.isNullAt(0) ? 0 : 1]));
                            }
                            return row.getLong(0);
                        },
                        Encoders.LONG());
    }

    private static Iterator<Row> answers(
            Iterator<Row> examples, Iterator<Row> windows, SpanDecoder decoder, double nullThreshold) {
        if (!examples.hasNext()) {
            return examples;
        }
        Row example = examples.next();
        if (examples.hasNext()) {
            throw new UserError(
                    "the questions %s and %s both have the example_index %s; give each question a number of its own"
                            .formatted(
                                    Printable.of(example.getString(1)),
                                    Printable.of(examples.next().getString(1)),
                                    example.getLong(0)));
        }
        return List.of(answer(example, topLogits(example, windows), decoder, nullThreshold))
                .iterator();
    }

    private static List<TopLogits> topLogits(Row example, Iterator<Row> windows) {
        Map<Integer, TopLogits> byWindow = new TreeMap<>();
        windows.forEachRemaining(row -> {
            if (!row.getString(1).equals(example.getString(1))) {
                throw new UserError(
                        "example_index %s is that of question %s, but its windows were made for question %s; make the windows from this table of examples, saved first if its numbers come from monotonically_increasing_id()"
                                .formatted(
                                        row.getLong(0),
                                        Printable.of(example.getString(1)),
                                        Printable.of(row.getString(1))));
            }
            TopLogits logits = TopLogitsTable.toTopLogits(row);
            if (byWindow.put(logits.window(), logits) != null) {
                throw new UserError(
                        "window %s of example_index %s is in two rows; give each question a number of its own before its windows are made"
                                .formatted(logits.window(), row.getLong(0)));
            }
        });
        return List.copyOf(byWindow.values());
    }

    private static Row answer(Row example, List<TopLogits> windows, SpanDecoder decoder, double nullThreshold) {
        String context = example.getString(2);
        if (!windows.isEmpty() && !reaches(context, windows)) {
            throw new UserError(
                    "question %s: its windows were made for another context; make them again from this table of examples"
                            .formatted(Printable.of(example.getString(1))));
        }
        Prediction prediction = decoder.predict(windows, context);
        return row(example.getLong(0), example.getString(1), prediction, nullThreshold);
    }

    /** Whether a context is as long as the windows' offsets need it. */
    private static boolean reaches(String context, List<TopLogits> windows) {
        int end = windows.stream()
                .flatMap(window -> Stream.concat(window.starts().stream(), window.ends().stream()))
                .mapToInt(TopLogits.Token::offset)
                .max()
                .orElse(0);
        return context != null && end <= context.codePointCount(0, context.length());
    }

    private static Row row(long exampleIndex, String id, Prediction prediction, double nullThreshold) {
        return RowFactory.create(
                exampleIndex,
                id,
                prediction.text(),
                prediction.at(nullThreshold),
                prediction.nullOdds(),
                prediction.nBest().stream().map(AnswersTable::row).toArray(Row[]::new));
    }

    static Row row(Candidate candidate) {
        return RowFactory.create(
                candidate.text(),
                candidate.startLogit(),
                candidate.endLogit(),
                candidate.probability(),
                candidate.start(),
                candidate.end());
    }
}
