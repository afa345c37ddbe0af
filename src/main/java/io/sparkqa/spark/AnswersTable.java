package io.sparkqa.spark;

import io.sparkqa.decode.Prediction;
import io.sparkqa.decode.Prediction.Candidate;
import io.sparkqa.decode.SpanDecoder;
import io.sparkqa.decode.WindowSpans;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import org.apache.spark.api.java.function.CoGroupFunction;
import org.apache.spark.api.java.function.MapFunction;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Encoders;
import org.apache.spark.sql.KeyValueGroupedDataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;

/** Builds a table of answers, one row for each question, by joining each question with the spans of its windows. */
public final class AnswersTable {
    static final StructType CANDIDATE = new StructType()
            .add("text", DataTypes.StringType)
            .add("start_logit", DataTypes.FloatType)
            .add("end_logit", DataTypes.FloatType)
            .add("probability", DataTypes.FloatType)
            .add("start", DataTypes.IntegerType)
            .add("end", DataTypes.IntegerType);

    /**
     * The columns: {@code text} is the best text regardless of the null odds, {@code prediction} the answer, "" for none;
     * {@code start} and {@code end} are code points of the context, the end exclusive.
     */
    public static final StructType SCHEMA = new StructType()
            .add("example_index", DataTypes.LongType)
            .add("id", DataTypes.StringType)
            .add("text", DataTypes.StringType)
            .add("prediction", DataTypes.StringType)
            .add("null_odds", DataTypes.FloatType)
            .add("n_best", DataTypes.createArrayType(CANDIDATE));

    private AnswersTable() {}

    /** Returns one answer for each example; examples without windows get "". */
    static Dataset<Row> of(Dataset<Row> examples, Dataset<Row> spans, SpanDecoder decoder, double nullThreshold) {
        return byExample(examples.select("example_index", "id", "context"))
                .cogroup(
                        byExample(spans),
                        (CoGroupFunction<Long, Row, Row, Row>)
                                (index, example, windows) -> answers(example, windows, decoder, nullThreshold),
                        Encoders.row(SCHEMA));
    }

    private static KeyValueGroupedDataset<Long, Row> byExample(Dataset<Row> table) {
        return table.groupByKey((MapFunction<Row, Long>) row -> row.getLong(0), Encoders.LONG());
    }

    private static Iterator<Row> answers(
            Iterator<Row> examples, Iterator<Row> windows, SpanDecoder decoder, double nullThreshold) {
        List<WindowSpans> spans = new ArrayList<>();
        windows.forEachRemaining(row -> spans.add(SpansTable.spans(row)));
        List<Row> answers = new ArrayList<>();
        examples.forEachRemaining(example -> {
            Prediction prediction = decoder.predict(spans, example.getString(2));
            answers.add(row(example.getLong(0), example.getString(1), prediction, nullThreshold));
        });
        return answers.iterator();
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
