package io.sparkqa.decode;

import io.sparkqa.evaluate.QuestionScore;
import io.sparkqa.evaluate.Scoreboard;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;
import org.apache.spark.api.java.function.MapFunction;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Encoders;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.functions;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;

/** A table of scores, a row a question, and what they sum up to. */
public final class ScoresTable {
    private static final int PREDICTION = 2;
    private static final int TEXT = 5;

    /** The columns: scores of the prediction, then of the best text whatever the null odds. */
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

    /** Scores each answer, in the order of the examples. */
    public static Dataset<Row> of(Dataset<Row> examples, Dataset<Row> answers) {
        Dataset<Row> gold = examples.select(
                functions.col("example_index"), functions.col("answers.text").as("gold"));
        return gold.join(answers, "example_index")
                .select("example_index", "id", "gold", "prediction", "text", "null_odds")
                .map((MapFunction<Row, Row>) ScoresTable::score, Encoders.row(SCHEMA))
                .orderBy("example_index");
    }

    private static Row score(Row row) {
        String id = row.getString(1);
        List<String> gold = row.getList(2);
        float nullOdds = row.getFloat(5);
        QuestionScore prediction = QuestionScore.of(id, gold, row.getString(3), nullOdds);
        QuestionScore text = QuestionScore.of(id, gold, row.getString(4), nullOdds);
        return RowFactory.create(
                row.getLong(0),
                id,
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
     * Sums up a table of scores. Its rows come to the driver, some hundred bytes each: the official sums depend on their
     * order, and the search for thresholds on all odds.
     *
     * @param kind finds a question's kind in its id
     */
    public static Scoreboard sum(Dataset<Row> scores, Optional<Pattern> kind) {
        List<QuestionScore> predictions = new ArrayList<>();
        List<QuestionScore> texts = new ArrayList<>();
        Iterator<Row> rows = scores.orderBy("example_index").toLocalIterator();
        while (rows.hasNext()) {
            Row row = rows.next();
            predictions.add(read(row, PREDICTION));
            texts.add(read(row, TEXT));
        }
        return Scoreboard.of(predictions, texts, kind);
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
