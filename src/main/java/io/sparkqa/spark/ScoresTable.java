package io.sparkqa.spark;

import io.sparkqa.evaluate.AnswerScore;
import io.sparkqa.evaluate.QuestionScore;
import io.sparkqa.evaluate.Scoreboard;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.regex.Pattern;
import org.apache.spark.api.java.function.MapFunction;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Encoders;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.functions;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;
import org.apache.spark.util.LongAccumulator;

/** Builds a table of scores, one row per question, and sums it up. */
public final class ScoresTable {
    /** Number of questions that take less time in one task than in several. */
    private static final int FEW = 20_000;

    /** Most questions whose scores the driver keeps in memory, some 250 bytes each. */
    private static final int MOST_IN_MEMORY = 2_000_000;

    private static final int PREDICTION = 2;
    private static final int TEXT = 5;

    /** The columns: scores of the prediction, then of the best text regardless of the null odds. */
    public static final StructType SCHEMA = new StructType()
            .add("example_index", DataTypes.LongType)
            .add("id", DataTypes.StringType)
            .add("exact", DataTypes.DoubleType)
            .add("f1", DataTypes.DoubleType)
            .add("answered", DataTypes.BooleanType)
            .add("text_exact", DataTypes.DoubleType)
            .add("text_f1", DataTypes.DoubleType)
            .add("text_answered", DataTypes.BooleanType)
            .add("has_answer", DataTypes.BooleanType)
            .add("null_odds", DataTypes.FloatType);

    private ScoresTable() {}

    /**
     * Returns the score of each answer. The rows of a partition are in the order of the examples.
     *
     * @param questions number of examples
     * @param done counts the questions
     */
    public static Dataset<Row> of(Dataset<Row> examples, Dataset<Row> answers, long questions, LongAccumulator done) {
        Dataset<Row> gold = examples.select(
                functions.col("example_index"), functions.col("answers.text").as("gold"));
        Dataset<Row> joined = gold.join(answers, "example_index")
                .select("example_index", "id", "gold", "prediction", "text", "null_odds");
        return (questions <= FEW ? joined.coalesce(1) : joined)
                .sortWithinPartitions("example_index")
                .map((MapFunction<Row, Row>) row -> score(row, done), Encoders.row(SCHEMA));
    }

    private static Row score(Row row, LongAccumulator done) {
        float nullOdds = row.getFloat(5);
        AnswerScore answer =
                AnswerScore.of(row.getString(1), row.getList(2), row.getString(3), row.getString(4), nullOdds);
        QuestionScore prediction = answer.prediction();
        QuestionScore text = answer.text();
        done.add(1);
        return RowFactory.create(
                row.getLong(0),
                prediction.id(),
                prediction.exact(),
                prediction.f1(),
                prediction.answered(),
                text.exact(),
                text.f1(),
                text.answered(),
                prediction.hasAnswer(),
                nullOdds);
    }

    /**
     * Sums up a table of scores. The rows pass through the driver in order, because the official sums depend on it. The
     * driver sorts them in its memory if that is large enough; otherwise Spark sorts them and the driver keeps none.
     *
     * @param questions number of rows
     * @param kind finds a question's kind in its id
     */
    public static Scoreboard sum(Dataset<Row> scores, long questions, Optional<Pattern> kind) {
        Dataset<Row> used = kind.isPresent() ? scores : scores.withColumn("id", functions.lit(""));
        if (questions <= MOST_IN_MEMORY) {
            List<Scored> all = new ArrayList<>();
            used.toLocalIterator().forEachRemaining(row -> all.add(new Scored(row.getLong(0), answer(row))));
            all.sort(Comparator.comparingLong(Scored::index));
            return Scoreboard.of(all.stream().map(Scored::score).toList(), kind);
        }
        Scoreboard.Running running = new Scoreboard.Running(kind);
        each(used.orderBy("example_index"), running::count);
        // Adding 0 makes -0.0 and 0.0 equal, as in the official order.
        each(used.orderBy(functions.col("null_odds").plus(0.0), functions.col("example_index")), running::rank);
        return running.scoreboard();
    }

    /** A question's scores and its place in the data set. */
    private record Scored(long index, AnswerScore score) {}

    private static void each(Dataset<Row> scores, Consumer<AnswerScore> action) {
        scores.toLocalIterator().forEachRemaining(row -> action.accept(answer(row)));
    }

    private static AnswerScore answer(Row row) {
        return new AnswerScore(read(row, PREDICTION), read(row, TEXT));
    }

    private static QuestionScore read(Row row, int column) {
        return new QuestionScore(
                row.getString(1),
                row.getDouble(column),
                row.getDouble(column + 1),
                row.getBoolean(8),
                row.getBoolean(column + 2),
                row.getFloat(9));
    }
}
