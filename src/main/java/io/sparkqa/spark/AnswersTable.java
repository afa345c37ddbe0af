package io.sparkqa.spark;

import io.sparkqa.config.UserError;
import io.sparkqa.decode.Prediction;
import io.sparkqa.decode.Prediction.Candidate;
import io.sparkqa.decode.SpanDecoder;
import io.sparkqa.decode.TopLogits;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.apache.spark.api.java.function.CoGroupFunction;
import org.apache.spark.api.java.function.MapFunction;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Encoders;
import org.apache.spark.sql.KeyValueGroupedDataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
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
     */
    public static Dataset<Row> of(
            Dataset<Row> examples, Dataset<Row> topLogits, SpanDecoder decoder, double nullThreshold) {
        RequiredColumns.check("AnswersTable", examples.schema(), EXAMPLES);
        return byExample(examples.select("example_index", "id", "context"), "the examples")
                .cogroup(
                        byExample(topLogits, "the windows"),
                        (CoGroupFunction<Long, Row, Row, Row>)
                                (index, example, windows) -> answers(example, windows, decoder, nullThreshold),
                        Encoders.row(SCHEMA));
    }

    private static KeyValueGroupedDataset<Long, Row> byExample(Dataset<Row> table, String name) {
        return table.groupByKey(
                (MapFunction<Row, Long>) row -> {
                    if (row.isNullAt(0)) {
                        throw new UserError("a row of %s has no example_index; give each question a number of its own"
                                .formatted(name));
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
                    "the questions %s and %s both have the example_index %d; give each question a number of its own"
                            .formatted(example.getString(1), examples.next().getString(1), example.getLong(0)));
        }
        return List.of(answer(example, topLogits(windows), decoder, nullThreshold))
                .iterator();
    }

    private static List<TopLogits> topLogits(Iterator<Row> windows) {
        Map<Integer, TopLogits> byWindow = new TreeMap<>();
        windows.forEachRemaining(row -> {
            TopLogits logits = TopLogitsTable.toTopLogits(row);
            if (byWindow.put(logits.window(), logits) != null) {
                throw new UserError(
                        "window %d of example_index %d is in two rows; give each question a number of its own before its windows are made"
                                .formatted(logits.window(), row.getLong(0)));
            }
        });
        return List.copyOf(byWindow.values());
    }

    private static Row answer(Row example, List<TopLogits> windows, SpanDecoder decoder, double nullThreshold) {
        if (example.isNullAt(2) && !windows.isEmpty()) {
            throw new UserError("question %s has windows but no context".formatted(example.getString(1)));
        }
        Prediction prediction = decoder.predict(windows, example.getString(2));
        return row(example.getLong(0), example.getString(1), prediction, nullThreshold);
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
