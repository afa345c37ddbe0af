package io.sparkqa.spark;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.sparkqa.TestSpark;
import io.sparkqa.config.Experiment.Duplicates;
import io.sparkqa.config.ExperimentReader;
import io.sparkqa.config.UserError;
import io.sparkqa.decode.Prediction;
import io.sparkqa.decode.SpanDecoder;
import io.sparkqa.decode.TopLogits;
import io.sparkqa.decode.WindowLogits;
import io.sparkqa.evaluate.OfficialEvaluation;
import io.sparkqa.evaluate.Scoreboard;
import io.sparkqa.model.TinyModel;
import io.sparkqa.window.TokenizerJson;
import io.sparkqa.window.Window;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.functions;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;
import org.apache.spark.util.LongAccumulator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class AnswersTableTest {
    private static final int QUESTIONS = 40;
    private static final int WITHOUT_WINDOWS = 7;
    private static final int WINDOWS = 3;
    private static final int QUESTION_TOKENS = 4;
    private static final int CONTEXT_TOKENS = 12;
    private static final String CONTEXT = "an emoji 😀 counts as one, in all of it";

    private static final SpanDecoder DECODER = new SpanDecoder(5, 4, Duplicates.MERGE);
    private static final SparkSession SPARK = TestSpark.session();

    @TempDir
    Path folder;

    @Test
    void answersDoNotDependOnTheNumberOfPartitions() {
        List<Row> expected = answers(1).orderBy("example_index").collectAsList();

        assertThat(answers(2).orderBy("example_index").collectAsList()).isEqualTo(expected);
        assertThat(answers(7).orderBy("example_index").collectAsList()).isEqualTo(expected);
    }

    @Test
    void everyQuestionHasTheAnswerThatItsWindowsGiveWithoutSpark() {
        for (Row answer : answers(3).collectAsList()) {
            long index = answer.getLong(0);
            Prediction expected = DECODER.predict(
                    windows().stream()
                            .filter(window -> window.exampleIndex() == index)
                            .map(AnswersTableTest::top)
                            .toList(),
                    CONTEXT);
            assertThat(answer.getString(2)).isEqualTo(expected.text());
            assertThat(answer.getString(3)).isEqualTo(expected.at(0));
            assertThat(answer.getFloat(4)).isEqualTo(expected.nullOdds());
            assertThat(answer.getList(5)).hasSameSizeAs(expected.nBest());
        }
    }

    @Test
    void aQuestionWithoutWindowsIsLeftUnanswered() {
        Row answer = answers(2).where("example_index = " + WITHOUT_WINDOWS).first();

        assertThat(answer.getString(2)).isEmpty();
        assertThat(answer.getString(3)).isEmpty();
        assertThat(answer.getList(5)).isEmpty();
    }

    @Test
    void everyWindowIsCountedOnce() {
        LongAccumulator done = SPARK.sparkContext().longAccumulator();

        TopLogitsTable.of(windowRows(4), () -> AnswersTableTest::logits, DECODER, done)
                .collectAsList();

        assertThat(done.value()).isEqualTo(windows().size());
    }

    @Test
    void theJsonFilesHoldTheQuestionsInSourceOrder() throws IOException {
        Path predictions = folder.resolve("predictions.json");
        Path nullOdds = folder.resolve("null_odds.json");
        Path nBest = folder.resolve("nbest_predictions.json");

        AtomicInteger written = new AtomicInteger();
        Path places = folder.resolve("answers.json");
        AnswerFiles.write(answers(7), predictions, nullOdds, nBest, places, written::incrementAndGet);

        assertThat(written).hasValue(QUESTIONS);
        List<String> ids = IntStream.range(0, QUESTIONS).mapToObj(i -> "q" + i).toList();
        assertThat(json(predictions).fieldNames()).toIterable().containsExactlyElementsOf(ids);
        assertThat(json(nullOdds).fieldNames()).toIterable().containsExactlyElementsOf(ids);
        assertThat(json(nBest).fieldNames()).toIterable().containsExactlyElementsOf(ids);
        Row second = answers(1).where("example_index = 1").first();
        assertThat(json(predictions).get("q1").asText()).isEqualTo(second.getString(3));
        assertThat(json(nullOdds).get("q1").asDouble()).isEqualTo(second.getFloat(4));
        JsonNode best = json(nBest).at("/q1/0");
        assertThat(best.fieldNames()).toIterable().containsExactly("text", "start_logit", "end_logit", "probability");
        assertThat(best.get("text").asText())
                .isEqualTo(second.<Row>getList(5).get(0).getString(0));
        json(places).properties().forEach(entry -> assertThatPlaceHoldsTheAnswer(entry.getValue()));
        assertThat(json(places).findValuesAsText("answer"))
                .isEqualTo(ids.stream()
                        .map(id -> json(predictions).get(id).asText())
                        .toList());
    }

    @Test
    void scoresAreThoseOfTheOfficialScriptOnTheWrittenFiles() throws IOException {
        Path predictions = folder.resolve("predictions.json");
        Path nullOdds = folder.resolve("null_odds.json");
        Path data = Files.writeString(folder.resolve("data.json"), squad());
        AnswerFiles.write(
                answers(2),
                predictions,
                nullOdds,
                folder.resolve("nbest.json"),
                folder.resolve("places.json"),
                () -> {});

        LongAccumulator scored = SPARK.sparkContext().longAccumulator();
        Scoreboard scoreboard = ScoresTable.sum(ScoresTable.of(examples(), answers(3), 0, scored), 0, Optional.empty());

        assertThat(ScoresTable.of(examples(), answers(3), 1_000_000, scored).collectAsList())
                .as("as if there were many questions")
                .containsExactlyInAnyOrderElementsOf(
                        ScoresTable.of(examples(), answers(3), 0, scored).collectAsList());
        assertThat(scoreboard.all())
                .isEqualTo(new OfficialEvaluation(
                                data, predictions, Optional.of(nullOdds), 1e30, Optional.of(folder.resolve("images")))
                        .run(line -> {}));
    }

    @Test
    void aScoreIsNeverThatOfAnotherQuestionsAnswer() {
        Dataset<Row> answers = answers(2).cache();
        Dataset<Row> others = examples().withColumn("id", functions.concat(functions.lit("x"), functions.col("id")));
        Dataset<Row> twin = examples().where("example_index = 3");

        refusesToScore(others, answers, "question xq0 with example_index 0", "that of question q0");
        refusesToScore(examples(), answers.where("example_index <> 3"), "question q3", "no id for it");
        refusesToScore(examples().union(twin), answers, "example_index 3 is in several rows");
        refusesToScore(
                examples(), answers.union(answers.where("example_index = 3")), "example_index 3", "several rows");
        refusesToScore(
                examples().withColumn("answers", functions.expr("if(false, answers, NULL)")),
                answers,
                "question q0",
                "needs example_index, id and answers");
        assertThatThrownBy(() -> scores(examples().drop("id"), answers))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("the examples: column id is missing");
        assertThatThrownBy(() -> scores(examples(), examples()))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("the answers: column prediction is missing");
    }

    private static Dataset<Row> scores(Dataset<Row> examples, Dataset<Row> answers) {
        return ScoresTable.of(examples, answers, QUESTIONS, SPARK.sparkContext().longAccumulator());
    }

    private static void refusesToScore(Dataset<Row> examples, Dataset<Row> answers, String... words) {
        assertThatThrownBy(() -> scores(examples, answers).collectAsList())
                .rootCause()
                .isInstanceOf(UserError.class)
                .hasMessageContainingAll(words);
    }

    @Test
    void windowsThatDoNotFitTheModelAreRefusedBeforeAnyTaskStarts() throws IOException {
        Path model = TinyModel.write(folder.resolve("model"));
        String digest = TokenizerJson.sha256(TokenizerJson.read(model));
        Dataset<Row> tooLong =
                windowRows(1).withMetadata("input_ids", WindowMetadata.of(TinyModel.LONGEST_WINDOW + 1, digest));
        Dataset<Row> ofAnotherTokenizer =
                windowRows(1).withMetadata("input_ids", WindowMetadata.of(TinyModel.LONGEST_WINDOW, "other"));

        assertThatThrownBy(() -> topLogits(examples(), model)).hasMessageContaining("column example_id is missing");
        assertThatThrownBy(() -> topLogits(tooLong, model)).hasMessageContainingAll("maxLength 65", "positions for 64");
        assertThatThrownBy(() -> topLogits(ofAnotherTokenizer, model)).hasMessageContaining("a tokenizer other than");
    }

    private static Dataset<Row> topLogits(Dataset<Row> windows, Path model) {
        return TopLogitsTable.of(
                windows,
                model,
                ExperimentReader.of(Map.of()),
                1,
                SPARK.sparkContext().longAccumulator());
    }

    private static void assertThatPlaceHoldsTheAnswer(JsonNode place) {
        assertThat(place.fieldNames()).toIterable().containsExactly("score", "start", "end", "answer");
        int[] points = CONTEXT.codePoints().toArray();
        int start = place.get("start").asInt();
        int length = place.get("end").asInt() - start;
        assertThat(new String(points, start, length))
                .isEqualTo(place.get("answer").asText());
        assertThat(place.get("score").asDouble()).isBetween(0.0, 1.0);
    }

    @Test
    void questionsThatShareAnIndexAreRefusedByName() {
        Dataset<Row> twice =
                examples().union(examples().where("example_index = 3").withColumn("id", functions.lit("twin")));

        assertThatThrownBy(() -> answers(twice, 2).collectAsList())
                .rootCause()
                .isInstanceOf(UserError.class)
                .hasMessageContainingAll("q3", "twin", "example_index 3");
    }

    @Test
    void windowsOfQuestionsThatShareAnIndexAreRefused() {
        Dataset<Row> rows = windowRows(2);
        Dataset<Row> logits = TopLogitsTable.of(
                rows.union(rows.where("example_index = 5")),
                () -> AnswersTableTest::logits,
                DECODER,
                SPARK.sparkContext().longAccumulator());

        assertThatThrownBy(() -> AnswersTable.of(examples(), logits, DECODER, 0).collectAsList())
                .rootCause()
                .hasMessageContainingAll("example_index 5", "two rows");
    }

    @Test
    void aQuestionWithoutAnIndexIsRefused() {
        Dataset<Row> without = examples()
                .withColumn(
                        "example_index",
                        functions.when(functions.col("id").notEqual("q3"), functions.col("example_index")));

        assertThatThrownBy(() -> answers(without, 2).collectAsList())
                .rootCause()
                .isInstanceOf(UserError.class)
                .hasMessageContaining("has no example_index");
    }

    @Test
    void windowsThatWereMadeForAnotherQuestionOrContextGiveNoAnswer() {
        Dataset<Row> renumbered =
                examples().withColumn("id", functions.concat(functions.col("id"), functions.lit("x")));
        Dataset<Row> shortened = examples().withColumn("context", functions.lit("an"));

        assertThatThrownBy(() -> answers(renumbered, 2).collectAsList())
                .rootCause()
                .isInstanceOf(UserError.class)
                .hasMessageContaining("windows were made for question q")
                .hasMessageContaining("monotonically_increasing_id()");
        assertThatThrownBy(() -> answers(shortened, 2).collectAsList())
                .rootCause()
                .isInstanceOf(UserError.class)
                .hasMessageContaining("windows were made for another context");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "example_index | CAST(NULL AS BIGINT) | example_index is null",
                "example_id    | CAST(NULL AS STRING) | example_id is null",
                "window        | CAST(NULL AS INT)    | window is null",
                "input_ids     | array(0, NULL)       | input_ids is null or holds a null",
                "offset_ends   | array(1)             | don't belong together",
                "context_first | -1                   | don't belong together",
                "context_last  | 99                   | don't belong together"
            })
    void aWindowThatIsNotWholeIsRefusedByName(String column, String value, String reason) {
        Dataset<Row> windows = windowRows(1).withColumn(column, functions.expr(value));

        assertThatThrownBy(() -> TopLogitsTable.of(
                                windows,
                                () -> AnswersTableTest::logits,
                                DECODER,
                                SPARK.sparkContext().longAccumulator())
                        .collectAsList())
                .rootCause()
                .isInstanceOf(UserError.class)
                .hasMessageContaining(reason);
    }

    @Test
    void tablesOfOtherColumnsAreRefusedBeforeAnyTaskStarts() {
        assertThatThrownBy(() -> AnswersTable.of(examples(), windowRows(1), DECODER, 0))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("the windows: column null_start_logit is missing");
        assertThatThrownBy(() -> answers(examples().withColumnRenamed("answers", "id"), 1))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("the examples: column id is there more than once");
    }

    @Test
    void windowsWithoutMetadataThatDoNotFitTheModelAreRefusedByTheirQuestion() throws IOException {
        Path model = TinyModel.write(folder.resolve("model"));
        Dataset<Row> longer = windowRows(1).withColumn("input_ids", functions.expr("array_repeat(0, 65)"));
        Dataset<Row> foreign = windowRows(1).withColumn("input_ids", functions.expr("array_repeat(50000, 17)"));

        assertThatThrownBy(() -> topLogits(longer, model).collectAsList())
                .rootCause()
                .isInstanceOf(UserError.class)
                .hasMessageContaining("question q0, window 0: it has 65 tokens, but the model has positions for 64");
        assertThatThrownBy(() -> topLogits(foreign, model).collectAsList())
                .rootCause()
                .isInstanceOf(UserError.class)
                .hasMessageContaining("question q0, window 0: the token id 50000 is outside of the model's vocabulary");
        assertThatThrownBy(() -> topLogits(windowRows(1), folder.resolve("nowhere")))
                .isInstanceOf(UserError.class)
                .hasMessageContaining("nowhere");
    }

    private static Dataset<Row> answers(int partitions) {
        return answers(examples(), partitions);
    }

    private static Dataset<Row> answers(Dataset<Row> examples, int partitions) {
        Dataset<Row> logits = TopLogitsTable.of(
                windowRows(partitions),
                () -> AnswersTableTest::logits,
                DECODER,
                SPARK.sparkContext().longAccumulator());
        return AnswersTable.of(examples.repartition(partitions), logits, DECODER, 0);
    }

    private static TopLogits top(Window window) {
        List<TopLogits> top = new ArrayList<>();
        logits(List.of(window), (same, start, end) -> top.add(DECODER.top(same, start, end)));
        return top.get(0);
    }

    /** Gives random logits that depend on the window only. */
    private static void logits(List<Window> windows, WindowLogits.Sink sink) {
        for (Window window : windows) {
            Random random = new Random(window.exampleIndex() * 31 + window.window());
            int length = window.inputIds().length;
            float[] logits = new float[2 * length];
            for (int i = 0; i < logits.length; i++) {
                // Quarters, so that scores tie.
                logits[i] = Math.round(4 * random.nextGaussian()) / 4f;
            }
            sink.accept(window, Arrays.copyOf(logits, length), Arrays.copyOfRange(logits, length, 2 * length));
        }
    }

    private static List<Window> windows() {
        List<Window> windows = new ArrayList<>();
        for (int question = 0; question < QUESTIONS; question++) {
            for (int number = 0; number < WINDOWS && question != WITHOUT_WINDOWS; number++) {
                int first = number * CONTEXT_TOKENS / 2;
                int tokens = CONTEXT_TOKENS - question % 5;
                windows.add(new Window(
                        question,
                        "q" + question,
                        number,
                        new int[QUESTION_TOKENS + tokens + 1],
                        QUESTION_TOKENS,
                        QUESTION_TOKENS + tokens - 1,
                        0,
                        0,
                        IntStream.range(first, first + tokens).toArray(),
                        IntStream.range(first + 1, first + tokens + 1).toArray()));
            }
        }
        return windows;
    }

    private static Dataset<Row> windowRows(int partitions) {
        StructType schema = new StructType()
                .add("example_index", DataTypes.LongType)
                .add("example_id", DataTypes.StringType)
                .add("window", DataTypes.IntegerType)
                .add("input_ids", DataTypes.createArrayType(DataTypes.IntegerType))
                .add("context_first", DataTypes.IntegerType)
                .add("context_last", DataTypes.IntegerType)
                .add("offset_starts", DataTypes.createArrayType(DataTypes.IntegerType))
                .add("offset_ends", DataTypes.createArrayType(DataTypes.IntegerType));
        List<Row> rows = new ArrayList<>();
        for (Window window : windows()) {
            rows.add(RowFactory.create(
                    window.exampleIndex(),
                    window.exampleId(),
                    window.window(),
                    window.inputIds(),
                    window.contextFirst(),
                    window.contextLast(),
                    window.offsetStarts(),
                    window.offsetEnds()));
        }
        Collections.shuffle(rows, new Random(partitions));
        return SPARK.createDataFrame(rows, schema).repartition(partitions);
    }

    private static Dataset<Row> examples() {
        StructType answer =
                new StructType().add("text", DataTypes.StringType).add("answer_start", DataTypes.IntegerType);
        StructType schema = new StructType()
                .add("example_index", DataTypes.LongType)
                .add("id", DataTypes.StringType)
                .add("context", DataTypes.StringType)
                .add("answers", DataTypes.createArrayType(answer));
        List<Row> rows = new ArrayList<>();
        for (int question = 0; question < QUESTIONS; question++) {
            Row[] answers = isAnswerable(question) ? new Row[] {RowFactory.create("emoji 😀", 3)} : new Row[0];
            rows.add(RowFactory.create((long) question, "q" + question, CONTEXT, answers));
        }
        return SPARK.createDataFrame(rows, schema);
    }

    private static String squad() {
        List<String> questions = new ArrayList<>();
        for (int question = 0; question < QUESTIONS; question++) {
            String answers = isAnswerable(question) ? "{\"text\": \"emoji 😀\", \"answer_start\": 3}" : "";
            questions.add("{\"id\": \"q%d\", \"answers\": [%s]}".formatted(question, answers));
        }
        return "{\"data\": [{\"paragraphs\": [{\"qas\": [%s]}]}]}".formatted(String.join(",", questions));
    }

    private static boolean isAnswerable(int question) {
        return question % 3 != 0;
    }

    private static JsonNode json(Path file) {
        try {
            return new ObjectMapper().readTree(file.toFile());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
