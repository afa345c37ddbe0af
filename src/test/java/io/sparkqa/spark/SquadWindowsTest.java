package io.sparkqa.spark;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sparkqa.TestSpark;
import io.sparkqa.config.UserError;
import io.sparkqa.window.PairTokenizer;
import io.sparkqa.window.TinyTokenizer;
import io.sparkqa.window.TokenizerMark;
import io.sparkqa.window.Tokens;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.apache.commons.lang3.exception.ExceptionUtils;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.functions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class SquadWindowsTest {
    private static final String SQUAD =
            """
            {"data": [{"title": "t", "paragraphs": [{"context": "the ant and the %s", "qas": [
              {"id": "a", "question": "Who?", "answers": [{"text": "ant", "answer_start": 4}]},
              {"id": "b", "question": "%s", "answers": []}]}]}]}
            """;

    private final SparkSession spark = TestSpark.session();

    @TempDir
    private Path folder;

    private SquadWindows stage;

    @BeforeEach
    void makeStage() {
        stage = new SquadWindows()
                .setTokenizer(TinyTokenizer.write(folder.resolve("tokenizer")))
                .setMaxLength(20)
                .setStride(2);
    }

    @Test
    void theTableHasTheColumnsThatTheSchemaPromises() throws IOException {
        Dataset<Row> examples = examples("bee", "Why?");

        Dataset<Row> windows = stage.transform(examples);

        assertThat(windows.schema()).isEqualTo(stage.transformSchema(examples.schema()));
        assertThat(windows.columns())
                .containsExactly(
                        "example_index",
                        "example_id",
                        "window",
                        "input_ids",
                        "context_first",
                        "context_last",
                        "start_position",
                        "end_position",
                        "offset_starts",
                        "offset_ends");
    }

    @Test
    void questionsWindowsAndDividedQuestionsAreCounted() throws IOException {
        WindowCounts counts = WindowCounts.in(spark.sparkContext());

        long windows = stage.transform(examples("bee and the cow", ""), counts)
                .collectAsList()
                .size();

        assertThat(windows).isGreaterThan(2);
        assertThat(counts.windows().value()).isEqualTo(windows);
        assertThat(counts.questions().value()).isEqualTo(2);
        assertThat(counts.divided().value()).isEqualTo(2);
        assertThat(counts.tooLong().value()).isZero();
    }

    @Test
    void aQuestionTooLongIsAnErrorThatNamesTheRemedy() throws IOException {
        Dataset<Row> windows = stage.transform(examples("bee", "a question that is long"));

        assertThatThrownBy(windows::collectAsList).satisfies(e -> assertThat(ExceptionUtils.getThrowableList(e))
                .anyMatch(cause -> cause instanceof UserError
                        && cause.getMessage().contains("question b (example 1) has 22 tokens")
                        && cause.getMessage().contains("features.too_long = skip")));
    }

    @Test
    void aQuestionTooLongMayBeSkippedAndIsCounted() throws IOException {
        WindowCounts counts = WindowCounts.in(spark.sparkContext());

        List<Row> windows = stage.setTooLong("skip")
                .transform(examples("bee", "a question that is long"), counts)
                .collectAsList();

        assertThat(windows).isNotEmpty().allMatch(row -> row.getAs("example_id").equals("a"));
        assertThat(counts.tooLong().value()).isEqualTo(1);
    }

    @Test
    void aTableOfOtherColumnsIsRefusedByName() {
        assertThatThrownBy(() -> stage.transformSchema(spark.range(1).toDF().schema()))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("column example_index is missing");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "id | id | CAST(NULL AS STRING)",
                "example_index | example_index | CAST(NULL AS BIGINT)",
                "an answer | answers | array(named_struct('text', CAST(NULL AS STRING), 'answer_start', 0))"
            })
    void aNullIsAnErrorOnTheDriverThatNamesColumnAndRow(String name, String column, String value) throws IOException {
        Dataset<Row> examples = examples("bee", "Why?").where("id = 'b'").withColumn(column, functions.expr(value));

        assertThatThrownBy(() -> stage.transform(examples))
                .isInstanceOf(UserError.class)
                .hasMessageStartingWith("SquadWindows: " + name + " is null in the row with the example_index ");
    }

    @ParameterizedTest
    @ValueSource(strings = {"question", "context"})
    void aRowWithoutQuestionOrContextHasNoWindows(String column) throws IOException {
        Dataset<Row> examples =
                examples("bee", "Why?").withColumn(column, functions.expr("IF(id = 'b', NULL, " + column + ")"));

        assertThat(stage.transform(examples).collectAsList()).isNotEmpty().allMatch(row -> row.getAs("example_id")
                .equals("a"));
    }

    @Test
    void rowsThatShareANumberAreRefusedOnTheDriver() throws IOException {
        Dataset<Row> examples = examples("bee", "Why?").withColumn("example_index", functions.lit(7L));

        assertThatThrownBy(() -> stage.transform(examples))
                .isInstanceOf(UserError.class)
                .hasMessage(
                        "SquadWindows: 2 rows have the example_index 7, as those with the ids a and b; give each row a number of its own");
    }

    @Test
    void aQuestionWhoseAnswersAreNotKnownGetsWindowsWithoutLabels() throws IOException {
        Dataset<Row> examples =
                examples("bee", "Why?").withColumn("answers", functions.expr("IF(id = 'x', answers, NULL)"));

        assertThat(stage.transform(examples).collectAsList())
                .isNotEmpty()
                .allMatch(row -> row.<Integer>getAs("start_position") == 0);
    }

    @Test
    void unusableSettingsAreRefusedBeforeAnyTaskStarts() throws IOException {
        Dataset<Row> examples = examples("bee", "Why?");
        Files.writeString(
                folder.resolve("tokenizer/config.json"),
                "{\"model_type\": \"roberta\", \"hidden_act\": \"gelu\", \"vocab_size\": 269, \"hidden_size\": 8, \"num_hidden_layers\": 1, \"num_attention_heads\": 2, \"intermediate_size\": 8, \"max_position_embeddings\": 18, \"pad_token_id\": 1}");

        assertThatThrownBy(() -> stage.transform(examples))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("maxLength is 20, but the model of")
                .hasMessageContaining("has positions for 16 tokens");
        assertThatThrownBy(() -> new SquadWindows().transform(examples))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("the parameter tokenizer is not set");
        assertThatThrownBy(() -> new SquadWindows().setTokenizer(folder).transform(examples))
                .isInstanceOf(UserError.class)
                .hasMessageContaining("has neither tokenizer.json");
    }

    @Test
    void parametersAreValidated() {
        assertThatThrownBy(() -> stage.setStride(-1)).hasMessageContaining("stride");
        assertThatThrownBy(() -> stage.setTooLong("ignore"))
                .hasMessage("the parameter tooLong can't be ignore; it takes error or skip");
        assertThatThrownBy(() -> stage.setTooLong(null)).hasMessageContaining("tooLong can't be null");
        assertThatThrownBy(() -> stage.setTokenizer(null)).hasMessageContaining("tokenizer can't be null");
        assertThat(stage.explainParams()).contains("context tokens that neighbouring windows share");
    }

    @Test
    void theStageIsTheSameAfterSavingAndLoading() throws IOException {
        String path = folder.resolve("stage").toString();
        stage.save(path);

        SquadWindows loaded = SquadWindows.load(path);

        assertThat(loaded.uid()).isEqualTo(stage.uid());
        assertThat(loaded.explainParams()).isEqualTo(stage.explainParams());
    }

    @Test
    void windowsMadeWithAnotherTokenizerAreRefused() throws IOException {
        Path windows = folder.resolve("windows");
        Path tokenizer = folder.resolve("tokenizer");
        stage.transform(examples("bee", "Why?"))
                .write()
                .format("arrow")
                .options(TokenizerMark.options(tokenizer))
                .save(windows.toString());
        Path other = TinyTokenizer.write(folder.resolve("other"));
        Files.writeString(other.resolve("merges.txt"), "#version: 0.2\nt h\n");

        TokenizerMark.check(windows, tokenizer);
        assertThatThrownBy(() -> TokenizerMark.check(windows, other))
                .isInstanceOf(UserError.class)
                .hasMessageContaining("a tokenizer other than that of " + other);
    }

    @Test
    void aFolderWithoutTokenizerIsNamed() {
        assertThatThrownBy(() -> PairTokenizer.open(folder))
                .isInstanceOf(UserError.class)
                .hasMessageContaining(folder + ": has neither tokenizer.json nor vocab.json with merges.txt");
    }

    @Test
    void aTokenizerOfAnotherKindIsNamed() throws IOException {
        Path file = Files.writeString(folder.resolve("tokenizer.json"), "{\"model\": {\"vocab\": {\"[CLS]\": 0}}}");

        assertThatThrownBy(() -> PairTokenizer.open(file))
                .isInstanceOf(UserError.class)
                .hasMessageContaining(file + ": has no token <s>, so it is not a RoBERTa tokenizer");
    }

    @Test
    void halfASurrogatePairIsOneCharacter() {
        try (PairTokenizer tokenizer = PairTokenizer.open(folder.resolve("tokenizer"))) {
            Tokens tokens = tokenizer.encode("a\ud83dz");

            assertThat(tokens.ends()[tokens.size() - 1]).isEqualTo(3);
        }
    }

    private Dataset<Row> examples(String contextsEnd, String question) throws IOException {
        Path file = Files.writeString(folder.resolve("squad.json"), SQUAD.formatted(contextsEnd, question));
        return SquadTable.read(spark, file);
    }
}
