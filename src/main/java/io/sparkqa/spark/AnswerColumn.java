package io.sparkqa.spark;

import static org.apache.spark.sql.functions.col;

import com.google.common.collect.Iterators;
import io.sparkqa.decode.QuestionAnswerer.Question;
import io.sparkqa.decode.QuestionBatch;
import io.sparkqa.decode.WindowLogits;
import io.sparkqa.window.Window;
import java.io.Serializable;
import java.util.Iterator;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.apache.spark.TaskContext;
import org.apache.spark.api.java.function.MapPartitionsFunction;
import org.apache.spark.sql.Column;
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
 */
record AnswerColumn(String question, String context, Answering answering) implements Serializable {
    /** Rows that are answered together; enough to fill batches with windows of similar length. */
    private static final int ROWS_AT_ONCE = 256;

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
        if (Stream.of(table.fieldNames()).anyMatch(answer::equalsIgnoreCase)) {
            throw new IllegalArgumentException(
                    "%s: the table already has a column %s; name another one for the answers (answerCol)"
                            .formatted(stage, answer));
        }
        return table.add(answer, Answering.ANSWER);
    }

    /** Returns the table with the column of answers at its end. */
    Dataset<Row> addTo(Dataset<Row> table, String output) {
        StructType schema = table.schema().add(output, Answering.ANSWER);
        int questions = table.schema().fieldIndex(question);
        int contexts = table.schema().fieldIndex(context);
        Dataset<Row> answered = table.mapPartitions(
                (MapPartitionsFunction<Row, Row>) rows -> answered(rows, questions, contexts), Encoders.row(schema));
        return withMetadata(answered, schema);
    }

    /** Gives the columns back what mapPartitions drops: attributes of Spark ML, and the watermark of a stream. */
    private static Dataset<Row> withMetadata(Dataset<Row> answered, StructType schema) {
        // columns may share a name, so they are taken by their places
        String[] places =
                IntStream.range(0, schema.length()).mapToObj(i -> "c" + i).toArray(String[]::new);
        Column[] columns = IntStream.range(0, schema.length())
                .mapToObj(i -> col(places[i]).as(schema.fields()[i].name(), schema.fields()[i].metadata()))
                .toArray(Column[]::new);
        return answered.toDF(places).select(columns);
    }

    private Iterator<Row> answered(Iterator<Row> rows, int questions, int contexts) {
        if (!rows.hasNext()) {
            return rows;
        }
        WindowLogits logits = answering.model().open();
        // Spark calls the listener that was added last first
        TaskContext.get().addTaskCompletionListener((TaskCompletionListener) done -> logits.close());
        WindowLogits.Stream<Block> computed = logits.stream(Iterators.transform(
                Iterators.partition(rows, ROWS_AT_ONCE), some -> new Block(some, batch(some, questions, contexts))));
        TaskContext.get().addTaskCompletionListener((TaskCompletionListener) done -> computed.close());
        return Iterators.concat(Iterators.transform(computed, block -> block.answered(answering)));
    }

    private QuestionBatch batch(List<Row> rows, int questions, int contexts) {
        return answering.batch(rows.stream()
                .map(row -> new Question(row.getString(questions), row.getString(contexts)))
                .toList());
    }

    /** Rows that are answered together. */
    private record Block(List<Row> rows, QuestionBatch batch) implements WindowLogits.Block {
        @Override
        public List<Window> windows() {
            return batch.windows();
        }

        @Override
        public void accept(Window window, float[] startLogits, float[] endLogits) {
            batch.accept(window, startLogits, endLogits);
        }

        Iterator<Row> answered(Answering answering) {
            List<Row> answers = answering.answers(batch);
            return IntStream.range(0, rows.size())
                    .mapToObj(i -> with(rows.get(i), answers.get(i)))
                    .iterator();
        }
    }

    private static Row with(Row row, Row answer) {
        Object[] values = new Object[row.length() + 1];
        for (int i = 0; i < row.length(); i++) {
            values[i] = row.get(i);
        }
        values[row.length()] = answer;
        return RowFactory.create(values);
    }
}
