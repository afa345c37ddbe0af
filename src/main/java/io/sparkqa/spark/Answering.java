package io.sparkqa.spark;

import io.sparkqa.decode.Prediction;
import io.sparkqa.decode.QuestionAnswerer.Question;
import io.sparkqa.decode.QuestionBatch;
import io.sparkqa.decode.SpanDecoder;
import io.sparkqa.window.Windower;
import java.io.Serializable;
import java.util.List;
import java.util.Optional;
import org.apache.spark.broadcast.Broadcast;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;

/**
 * What a task needs to answer questions.
 *
 * @param maxLength longest window in tokens
 * @param stride context tokens that neighbouring windows share
 * @param nullThreshold a question whose null odds exceed it has no answer
 */
record Answering(
        LogitsSource model,
        Broadcast<SharedTokenizer> tokenizer,
        int maxLength,
        int stride,
        SpanDecoder decoder,
        double nullThreshold)
        implements Serializable {
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

    /** Returns the windows of questions that are answered together. */
    QuestionBatch batch(List<Question> questions) {
        return new QuestionBatch(questions, new Windower(tokenizer.value().open(), maxLength, stride), decoder);
    }

    /** Returns the answers of a batch that has its logits, in the order of its questions, as rows of {@link #ANSWER}. */
    List<Row> answers(QuestionBatch batch) {
        return batch.predictions().stream().map(this::row).toList();
    }

    private Row row(Prediction prediction) {
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
