package io.sparkqa.spark;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.sparkqa.Difference;
import io.sparkqa.References;
import io.sparkqa.TestSpark;
import io.sparkqa.evaluate.AnswerScore;
import io.sparkqa.evaluate.Scoreboard;
import io.sparkqa.squad.Example;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Predicate;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.functions;
import org.apache.spark.sql.types.StructType;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * Scores 60,780 questions: ten copies of the real dev subset with the same answers, each copy with its own ids. The
 * metrics equal those that the official script gave for one copy.
 */
@Tag("reference")
class ScoresAtScaleTest {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final SparkSession SPARK = TestSpark.session();
    private static final int COPIES = 10;

    @Test
    void manyQuestionsHaveTheOfficialScriptsMeansAndBestThresholds() throws IOException {
        check("case-04-noise-articles-punctuation", key -> true);
    }

    /** The other metrics depend on the script's threshold, which this case sets, or on the order of equal probabilities. */
    @Test
    void manyQuestionsHaveTheOfficialScriptsAveragePrecisionWhereManyProbabilitiesAreEqual() throws IOException {
        check("case-07-answers-to-unanswerable-ties", key -> key.startsWith("pr_"));
    }

    private static void check(String name, Predicate<String> compared) throws IOException {
        Path folder = References.reference("eval").resolve(name);
        List<Question> questions = questions(folder);
        Dataset<Row> scores = scores(questions);
        Scoreboard scoreboard = ScoresTable.sum(scores, (long) COPIES * questions.size(), Optional.empty());

        assertThat(scoreboard)
                .as("the scoreboard of one process")
                .isEqualTo(Scoreboard.of(inOneProcess(questions), Optional.empty()))
                .as("the scoreboard of questions that exceed the memory")
                .isEqualTo(ScoresTable.sum(scores, Long.MAX_VALUE, Optional.empty()));
        assertThat(scoreboard.all().all().total()).isEqualTo(COPIES * questions.size());
        Map<String, Double> expected =
                JSON.readValue(folder.resolve("expected.json").toFile(), new TypeReference<>() {});
        Map<String, Number> actual = scoreboard.all().byKey();
        try (Difference metric = new Difference(name + " ten times, metrics in percent", 1e-9)) {
            expected.keySet().removeIf(key -> key.endsWith("total") || key.endsWith("thresh") || !compared.test(key));
            expected.forEach((key, value) -> metric.absolute(actual.get(key).doubleValue(), value));
        }
    }

    private record Question(Example example, String prediction, float nullOdds) {
        List<String> gold() {
            return example.answers().stream().map(Example.Answer::text).toList();
        }
    }

    private static List<Question> questions(Path folder) throws IOException {
        Map<String, String> predictions =
                JSON.readValue(folder.resolve("predictions.json").toFile(), new TypeReference<>() {});
        Map<String, Float> odds = JSON.readValue(
                folder.resolve("na_probs.json").toFile(), new TypeReference<LinkedHashMap<String, Float>>() {});
        // questions with equal odds keep the order of the odds' file
        Map<String, Example> examples = new LinkedHashMap<>();
        for (Row row : SquadTable.read(SPARK, References.dataSet("dev")).collectAsList()) {
            Example example = ExampleRow.toExample(row);
            examples.put(example.id(), example);
        }
        return odds.keySet().stream()
                .map(id -> new Question(examples.get(id), predictions.get(id), odds.get(id)))
                .toList();
    }

    private static List<AnswerScore> inOneProcess(List<Question> questions) {
        List<AnswerScore> once = questions.stream()
                .map(question -> AnswerScore.of(
                        question.example().id(),
                        question.gold(),
                        question.prediction(),
                        question.prediction(),
                        question.nullOdds()))
                .toList();
        List<AnswerScore> often = new ArrayList<>();
        for (int copy = 0; copy < COPIES; copy++) {
            often.addAll(once);
        }
        return often;
    }

    private static Dataset<Row> scores(List<Question> questions) {
        List<Row> rows = new ArrayList<>();
        for (Question question : questions) {
            Row[] gold = question.gold().stream().map(RowFactory::create).toArray(Row[]::new);
            rows.add(RowFactory.create(
                    (long) rows.size(), question.example().id(), gold, question.prediction(), question.nullOdds()));
        }
        StructType schema = StructType.fromDDL("example_index BIGINT, id STRING, answers ARRAY<STRUCT<text: STRING>>,"
                + " text STRING, null_odds FLOAT");
        Dataset<Row> often = SPARK.createDataFrame(rows, schema)
                .crossJoin(SPARK.range(COPIES).toDF("copy"))
                .withColumn(
                        "example_index",
                        functions.col("copy").multiply(questions.size()).plus(functions.col("example_index")))
                .withColumn("id", functions.concat_ws("-", functions.col("id"), functions.col("copy")))
                .withColumn("prediction", functions.col("text"));
        return ScoresTable.of(
                        often.select("example_index", "id", "answers"),
                        often.select("example_index", "id", "prediction", "text", "null_odds"),
                        (long) COPIES * questions.size(),
                        SPARK.sparkContext().longAccumulator())
                .cache();
    }
}
