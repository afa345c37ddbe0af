package io.sparkqa.spark;

import static org.apache.spark.sql.functions.col;

import io.sparkqa.config.Printable;
import io.sparkqa.config.UserError;
import io.sparkqa.evaluate.AnswerScore;
import io.sparkqa.evaluate.QuestionScore;
import io.sparkqa.evaluate.Scoreboard;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.regex.Pattern;
import org.apache.spark.api.java.function.MapPartitionsFunction;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Encoders;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.functions;
import org.apache.spark.sql.types.ArrayType;
import org.apache.spark.sql.types.DataType;
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

    private static final StructType EXAMPLES =
            new StructType().add("example_index", DataTypes.LongType).add("id", DataTypes.StringType);

    private static final StructType ANSWERS = new StructType()
            .add("example_index", DataTypes.LongType)
            .add("id", DataTypes.StringType)
            .add("prediction", DataTypes.StringType)
            .add("text", DataTypes.StringType)
            .add("null_odds", DataTypes.FloatType);

    private ScoresTable() {}

    /**
     * Returns the score of each example's answer. The rows of a partition are in the order of the examples.
     *
     * @param examples with the columns {@code example_index}, {@code id} and {@code answers}
     * @param answers of these examples, as {@link AnswersTable} has them
     * @param questions number of examples
     * @param done counts the questions
     * @throws IllegalArgumentException if one of the tables lacks a column; tasks throw {@link UserError} where an example has
     *     no answer, more than one, or that of another question
     */
    public static Dataset<Row> of(Dataset<Row> examples, Dataset<Row> answers, long questions, LongAccumulator done) {
        RequiredColumns.check("ScoresTable: the examples", examples.schema(), EXAMPLES);
        RequiredColumns.require(
                "ScoresTable: the examples",
                examples.schema(),
                "answers",
                ScoresTable::haveTexts,
                "an array with text");
        RequiredColumns.check("ScoresTable: the answers", answers.schema(), ANSWERS);
        Dataset<Row> gold = examples.select(
                col("example_index"),
                col("id").as("example_id"),
                col("answers.text").as("gold"));
        Dataset<Row> joined = gold.join(answers, new String[] {"example_index"}, "left_outer")
                .select("example_index", "example_id", "gold", "id", "prediction", "text", "null_odds");
        return (questions <= FEW ? joined.coalesce(1) : joined)
                .sortWithinPartitions("example_index")
                .mapPartitions((MapPartitionsFunction<Row, Row>) rows -> scores(rows, done), Encoders.row(SCHEMA));
    }

    private static boolean haveTexts(DataType type) {
        return type instanceof ArrayType array
                && array.elementType() instanceof StructType answer
                && List.of(answer.fieldNames()).contains("text")
                && answer.apply("text").dataType().equals(DataTypes.StringType);
    }

    /** Scores rows in the order of their index, so that rows with the same one are neighbours. */
    private static Iterator<Row> scores(Iterator<Row> rows, LongAccumulator done) {
        return new Iterator<>() {
            private Row before;

            @Override
            public boolean hasNext() {
                return rows.hasNext();
            }

            @Override
            public Row next() {
                Row row = rows.next();
                check(row);
                if (before != null && before.getLong(0) == row.getLong(0)) {
                    throw new UserError(
                            "example_index %s is in several rows of the examples or of the answers, as those of question %s; give each question a number of its own"
                                    .formatted(row.getLong(0), Printable.of(row.getString(1))));
                }
                before = row;
                done.add(1);
                return score(row);
            }
        };
    }

    private static void check(Row row) {
        if (row.isNullAt(0) || row.isNullAt(1) || row.isNullAt(2)) {
            throw new UserError("%s: the table of examples needs example_index, id and answers in each row"
                    .formatted(question(row)));
        }
        for (int column = 3; column < row.size(); column++) {
            if (row.isNullAt(column)) {
                throw new UserError("%s: the table of answers has no %s for it; answer these very examples"
                        .formatted(question(row), row.schema().fieldNames()[column]));
            }
        }
        if (!row.getString(1).equals(row.getString(3))) {
            throw new UserError("%s: the answer with this number is that of question %s; answer these very examples"
                    .formatted(question(row), Printable.of(row.getString(3))));
        }
    }

    private static String question(Row row) {
        return "question %s with example_index %s"
                .formatted(Printable.of(String.valueOf(row.get(1))), String.valueOf(row.get(0)));
    }

    private static Row score(Row row) {
        float nullOdds = row.getFloat(6);
        AnswerScore answer =
                AnswerScore.of(row.getString(1), row.getList(2), row.getString(4), row.getString(5), nullOdds);
        QuestionScore prediction = answer.prediction();
        QuestionScore text = answer.text();
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
        each(used.orderBy(col("null_odds").plus(0.0), col("example_index")), running::rank);
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
