package io.sparkqa.spark;

import com.google.common.collect.Iterators;
import io.sparkqa.decode.Prediction;
import io.sparkqa.decode.QuestionAnswerer;
import io.sparkqa.decode.QuestionAnswerer.Question;
import io.sparkqa.decode.SpanDecoder;
import io.sparkqa.decode.WindowLogits;
import java.io.Serializable;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import org.apache.spark.TaskContext;
import org.apache.spark.api.java.function.MapPartitionsFunction;
import org.apache.spark.broadcast.Broadcast;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Encoders;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;
import org.apache.spark.util.TaskCompletionListener;

/**
 * Adds a column of answers to a table with a column of questions and one of texts. The rows, their order and the other
 * columns stay the same. Rows need no ids, since each is answered on its own, and may be a stream.
 *
 * @param question name of the column of questions
 * @param context name of the column of texts
 * @param maxLength longest window in tokens
 * @param stride context tokens that neighbouring windows share
 * @param nullThreshold a question whose null odds exceed it has no answer
 */
record AnswerColumn(
        String question,
        String context,
        LogitsSource model,
        Broadcast<SharedTokenizer> tokenizer,
        int maxLength,
        int stride,
        SpanDecoder decoder,
        double nullThreshold)
        implements Serializable {
    /** Rows that are answered together; enough to fill batches with windows of similar length. */
    private static final int ROWS_AT_ONCE = 256;

    /**
     * The answer. {@code text} is empty if there is none. {@code null_odds} is null and {@code n_best} empty if question or
     * text are missing or blank, or if the question is too long for a window. {@code probability}, {@code start} and {@code
     * end} (code points of the text) are those of the best span, even if it is not the answer.
     */
    static final StructType ANSWER = new StructType()
            .add("text", DataTypes.StringType, false)
            .add("probability", DataTypes.FloatType)
            .add("null_odds", DataTypes.FloatType)
            .add("start", DataTypes.IntegerType)
            .add("end", DataTypes.IntegerType)
            .add("n_best", DataTypes.createArrayType(AnswersTable.CANDIDATE, false), false);

    /**
     * Returns the schema of a table with the column of answers at its end.
     *
     * @param stage its name, for messages
     * @throws IllegalArgumentException naming a column that is missing, of another type, or there already
     */
    static StructType addTo(String stage, StructType table, AnsweringParams<?> params) {
        RequiredColumns.check(
                stage,
                table,
                new StructType()
                        .add(params.getOrDefault(params.questionCol()), DataTypes.StringType)
                        .add(params.getOrDefault(params.contextCol()), DataTypes.StringType));
        String answer = params.getOrDefault(params.answerCol());
        if (List.of(table.fieldNames()).contains(answer)) {
            throw new IllegalArgumentException(
                    "%s: the table has a column %s already; name another one for the answers (answerCol)"
                            .formatted(stage, answer));
        }
        return table.add(answer, ANSWER);
    }

    /** Returns the table with the column of answers at its end. */
    Dataset<Row> addTo(Dataset<Row> table, String output) {
        StructType schema = table.schema().add(output, ANSWER);
        int questions = table.schema().fieldIndex(question);
        int contexts = table.schema().fieldIndex(context);
        return table.mapPartitions(
                (MapPartitionsFunction<Row, Row>) rows -> answered(rows, questions, contexts), Encoders.row(schema));
    }

    private Iterator<Row> answered(Iterator<Row> rows, int questions, int contexts) {
        if (!rows.hasNext()) {
            return rows;
        }
        WindowLogits logits = model.open();
        TaskContext.get().addTaskCompletionListener((TaskCompletionListener) done -> logits.close());
        QuestionAnswerer answerer = new QuestionAnswerer(tokenizer.value().open(), logits, maxLength, stride, decoder);
        return Iterators.concat(Iterators.transform(Iterators.partition(rows, ROWS_AT_ONCE), some -> {
            List<Prediction> predictions = answerer.answer(some.stream()
                    .map(row -> new Question(row.getString(questions), row.getString(contexts)))
                    .toList());
            List<Row> answered = new ArrayList<>();
            for (int i = 0; i < some.size(); i++) {
                answered.add(with(some.get(i), answer(predictions.get(i))));
            }
            return answered.iterator();
        }));
    }

    private static Row with(Row row, Row answer) {
        Object[] values = new Object[row.length() + 1];
        for (int i = 0; i < row.length(); i++) {
            values[i] = row.get(i);
        }
        values[row.length()] = answer;
        return RowFactory.create(values);
    }

    private Row answer(Prediction prediction) {
        if (prediction.nBest().isEmpty()) {
            return RowFactory.create("", null, null, null, null, new Row[0]);
        }
        Optional<Prediction.Candidate> best = prediction.nBest().stream()
                .filter(candidate -> !candidate.text().isEmpty())
                .findFirst();
        return RowFactory.create(
                prediction.at(nullThreshold),
                best.map(Prediction.Candidate::probability).orElse(null),
                prediction.nullOdds(),
                best.map(Prediction.Candidate::start).orElse(null),
                best.map(Prediction.Candidate::end).orElse(null),
                prediction.nBest().stream().map(AnswersTable::row).toArray(Row[]::new));
    }
}
