package io.sparkqa.job;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.sparkqa.References;
import io.sparkqa.TestSpark;
import io.sparkqa.files.FileUri;
import io.sparkqa.model.Safetensors;
import io.sparkqa.run.StageRun;
import io.sparkqa.window.TinyTokenizer;
import io.sparkqa.window.TokenizerJson;
import io.sparkqa.window.TokenizerMark;
import io.sparkqa.window.WindowColumns;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.apache.commons.io.FileUtils;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.functions;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine.Command;

/** Decodes and evaluates made-up windows with the references' tiny model, which is untrained. */
@Tag("reference")
class DecodeJobTest {
    private static final int QUESTIONS = 20;
    private static final int QUESTION_TOKENS = 6;
    private static final String CONTEXT = "twelve words stand here so that twelve tokens have twelve offsets each";

    private static SparkSession spark;

    @TempDir
    static Path prepared;

    @TempDir
    Path folder;

    private Path conf;
    private String another;
    private String out;
    private String err;

    /** Stands in for the stage that makes examples and windows. */
    @Command(name = "preprocess", description = "Makes up windows.")
    static class MadeUpWindows extends Stage {
        private final boolean labelled;

        MadeUpWindows() {
            this(true);
        }

        MadeUpWindows(boolean labelled) {
            this.labelled = labelled;
        }

        @Override
        protected void work(StageRun run) throws Exception {
            for (String split : DecodeJob.splits(run)) {
                Path examples = run.folder().examples(split);
                Path windows = run.folder().windows(split);
                run.step("windows-" + split).makes(examples, windows).by(staging -> {
                    (labelled
                                    ? examples()
                                    : examples().withColumn("answers", functions.expr("if(true, NULL, answers)")))
                            .write()
                            .parquet(FileUri.of(staging.apply(examples)));
                    windows()
                            .write()
                            .format("arrow")
                            .options(TokenizerMark.options(run.inputs().tokenizer()))
                            .save(FileUri.of(staging.apply(windows)));
                    return "made up";
                });
            }
        }
    }

    /** Stands in for the stage that trains. */
    @Command(name = "train", description = "Copies a model.")
    static class MadeUpTraining extends Stage {
        @Override
        protected void work(StageRun run) throws Exception {
            run.step("train").makes(run.folder().model()).by(staging -> {
                Path model = Files.createDirectory(staging.apply(run.folder().model()));
                Path source = References.reference("model-tiny");
                for (String file : List.of("config.json", "model.safetensors")) {
                    Files.copy(source.resolve(file), model.resolve(file));
                }
                Files.write(
                        model.resolve("tokenizer.json"),
                        TokenizerJson.read(run.inputs().tokenizer()));
                return "copied";
            });
        }
    }

    /** Makes an empty table of these columns, as a version of a stage does. */
    @Command(name = "preprocess", description = "Makes an empty table.")
    static class EmptyTable extends Stage {
        private final StructType columns;

        EmptyTable(String columns) {
            this.columns = StructType.fromDDL(columns);
        }

        @Override
        protected void work(StageRun run) throws Exception {
            Path table = run.folder().examples("empty");
            run.step("empty").makes(table).hasColumns(table, columns).by(staging -> {
                run.spark().createDataFrame(List.of(), columns).write().parquet(FileUri.of(staging.apply(table)));
                return "an empty table";
            });
        }
    }

    @BeforeAll
    static void aRunWithWindows() throws IOException {
        spark = TestSpark.session();
        Path source = Files.writeString(prepared.resolve("dev.json"), "{}");
        assertThat(StageOutput.of(
                                new MadeUpWindows(),
                                conf(prepared.resolve("run"), source).toString())
                        .err())
                .isEmpty();
    }

    @BeforeEach
    void aCopyOfTheRunAndAModelToStartFrom() throws IOException {
        FileUtils.copyDirectory(
                prepared.resolve("run").toFile(), folder.resolve("run").toFile());
        conf = conf(folder.resolve("run"), prepared.resolve("dev.json"));
        another = "data.more.mine=" + prepared.resolve("dev.json");
    }

    /** Writes a configuration beside a run folder. */
    private static Path conf(Path run, Path source) throws IOException {
        Path model = References.reference("model-tiny");
        Path tokenizer = References.reference("roberta-base-tokenizer").toAbsolutePath();
        return Files.writeString(
                run.resolveSibling("mine.conf"),
                """
                run.dir = "%s"
                data.dev = "%s"
                model.from = "%s"
                model.tokenizer = "%s"
                train.dtype = float32
                evaluate.kind = "^[a-z]+"
                """
                        .formatted(run, source, model.toAbsolutePath(), tokenizer));
    }

    @Test
    void everySplitButTrainGetsAnswersFilesAndMetricsWithoutTraining() throws IOException {
        assertThat(run(new MadeUpWindows(), another)).as(err).isZero();
        assertThat(run(new DecodeJob(), another)).as(err).isZero();
        String decoded = out;
        assertThat(run(new EvaluateJob(), another)).as(err).isZero();

        assertThat(decoded)
                .as("what the tasks compute on is said first, and once for both splits")
                .matches("(?s)decode: computes on (the CPU|cuda:0) in float32\n(?!.*computes on).*");
        for (String name : List.of("predictions", "null_odds", "nbest_predictions", "answers")) {
            assertThat(json(name + ".json").size()).isEqualTo(QUESTIONS);
            assertThat(json(name + "-mine.json")).isEqualTo(json(name + ".json"));
        }
        assertThat(json("metrics.json").get("total").asInt()).isEqualTo(QUESTIONS);
        assertThat(json("metrics.json").fieldNames()).toIterable().last().isEqualTo("pr_oracle_ap");
        assertThat(json("metrics-by-kind.json").findValuesAsText("kind")).containsExactly("even", "odd");
        assertThat(json("thresholds.json").has("f1_null_threshold")).isTrue();
        assertThat(spark.read()
                        .parquet(folder.resolve("run/scores/dev").toString())
                        .count())
                .isEqualTo(QUESTIONS);
        assertThat(out).contains("dev ", "mine ", "kind even", "unanswerable", "metrics.json");
    }

    @Test
    void aTableThatAnEarlierVersionMadeWithOtherColumnsIsMadeAgain() {
        assertThat(run(new EmptyTable("id STRING"))).as(err).isZero();

        assertThat(run(new EmptyTable("id STRING, n INT"))).as(err).isZero();
        assertThat(err)
                .isEqualTo("preprocess: examples/empty is made again: an earlier version made it with other columns\n");

        assertThat(run(new EmptyTable("id STRING, n INT"))).as(err).isZero();
        assertThat(out).startsWith("preprocess: up to date");
    }

    @Test
    void anUpToDateTableIsNotAnsweredAgain() {
        assertThat(run(new DecodeJob())).as(err).isZero();

        assertThat(run(new DecodeJob())).as(err).isZero();
        assertThat(out).startsWith("decode: up to date");

        assertThat(run(new DecodeJob(), "train.dtype=bfloat16")).as(err).isZero();
        assertThat(out).contains("20 windows of dev through the network", "20 questions of dev");
    }

    @Test
    void otherAnswersToTheSameLogitsDoNotNeedTheNetwork() throws IOException {
        assertThat(run(new DecodeJob())).as(err).isZero();

        String[] other = {
            "decode.null_threshold=3", "decode.n_best=4", "decode.max_answer_length=2", "decode.duplicates=keep"
        };
        assertThat(run(new DecodeJob(), other)).as(err).isZero();
        assertThat(out).contains("20 questions of dev answered").doesNotContain("through the network");
        JsonNode fromKept = json("nbest_predictions.json");
        JsonNode predictions = json("predictions.json");

        assertThat(run(new DecodeJob(), with(other, "--force"))).as(err).isZero();
        assertThat(out).contains("through the network");
        assertThat(json("nbest_predictions.json")).isEqualTo(fromKept);
        assertThat(json("predictions.json")).isEqualTo(predictions);
    }

    @Test
    void moreCandidatesThanLogitsWereKeptForNeedTheNetwork() {
        assertThat(run(new DecodeJob(), "decode.n_best=3")).as(err).isZero();

        assertThat(run(new DecodeJob(), "decode.n_best=4")).as(err).isZero();
        assertThat(out).contains("through the network");
    }

    @Test
    void anAutomaticThresholdIsTheBestOfDevAndStaysWithTheTrainedModel() throws IOException {
        assertThat(run(new MadeUpWindows(), another)).as(err).isZero();
        assertThat(run(new MadeUpTraining())).as(err).isZero();
        assertThat(run(new DecodeJob(), another, "decode.null_threshold=auto"))
                .as(err)
                .isZero();
        assertThat(out).contains("null threshold");
        assertThat(run(new EvaluateJob(), another, "decode.null_threshold=auto"))
                .as(err)
                .isZero();

        double threshold = json("thresholds.json").get("f1_null_threshold").asDouble();
        assertThat(json("model/spark_qa.json").get("null_threshold").asDouble()).isEqualTo(threshold);
        assertThat(json("model/spark_qa.json").at("/calibrated_on/questions").asInt())
                .isEqualTo(QUESTIONS);
        JsonNode mine = json("predictions-mine.json");
        json("null_odds-mine.json").properties().forEach(entry -> assertThat(
                        mine.get(entry.getKey()).asText().isEmpty())
                .isEqualTo(entry.getValue().asDouble() > threshold));

        assertThat(run(new MadeUpTraining())).as(err).isZero();
        assertThat(out).startsWith("train: up to date");
        assertThat(run(new DecodeJob(), another, "decode.null_threshold=auto"))
                .as(err)
                .isZero();
        assertThat(out).startsWith("decode: up to date");
        assertThat(run(new DecodeJob(), another))
                .as("the model's own threshold")
                .isZero();
        assertThat(out).startsWith("decode: up to date");
    }

    @Test
    void anAutomaticThresholdOfAModelThatWasNotTrainedHereStaysInTheRunFolder() throws IOException {
        assertThat(run(new DecodeJob(), "decode.null_threshold=auto")).as(err).isZero();

        assertThat(json("spark_qa.json").at("/calibrated_on/model").asText()).endsWith("model-tiny");
        assertThat(run(new DecodeJob(), "decode.null_threshold=auto")).as(err).isZero();
        assertThat(out).startsWith("decode: up to date");
    }

    @Test
    void anAutomaticThresholdWithoutDevIsWrongUse() {
        assertThat(run(new DecodeJob(), another, "decode.null_threshold=auto", "data.dev="))
                .isEqualTo(2);
        assertThat(err).contains("decode.null_threshold", "data.dev");
    }

    @Test
    void metricsThatAreUpToDateAreShownAgain() {
        assertThat(run(new DecodeJob())).as(err).isZero();
        assertThat(run(new EvaluateJob())).as(err).isZero();
        assertThat(run(new EvaluateJob())).as(err).isZero();
        assertThat(out).contains("dev: exact ", "20 questions", "evaluate: up to date");
    }

    @Test
    void withoutAnyModelTheMessageNamesTheStageThatMakesOne() {
        assertThat(run(new DecodeJob(), "model.from=")).isEqualTo(1);
        assertThat(err).contains("jobs/train.sh").doesNotContain("Exception");
    }

    @Test
    void aModelWithoutATrainedHeadIsRefusedBeforeTasksStart() throws IOException {
        Path model = Files.createDirectory(folder.resolve("encoder"));
        Path whole = References.reference("model-tiny");
        Files.copy(whole.resolve("config.json"), model.resolve("config.json"));
        Map<String, Safetensors.Tensor> tensors = Safetensors.read(whole.resolve("model.safetensors"));
        tensors.keySet().removeIf(name -> name.startsWith("qa_outputs."));
        Safetensors.write(model.resolve("model.safetensors"), tensors);

        assertThat(run(new DecodeJob(), "model.from=" + model)).isEqualTo(1);
        assertThat(err)
                .contains(model + ": the checkpoint lacks qa_outputs.weight, qa_outputs.bias", "train it first")
                .doesNotContain("Exception");
        assertThat(folder.resolve("run/answers/dev")).doesNotExist();
    }

    @Test
    void windowsOfAnotherTokenizerAreRefused() throws IOException {
        Path other = TinyTokenizer.write(Files.createDirectory(folder.resolve("other")));

        assertThat(run(new DecodeJob(), "model.tokenizer=" + other)).isEqualTo(1);
        assertThat(err).contains("windows/dev", "a tokenizer other than", "jobs/preprocess.sh");
        assertThat(folder.resolve("run/logits")).isEmptyDirectory();
    }

    @Test
    void windowsThatWereAlteredDeletedOrAddedAreRefusedEvenWithForce() throws IOException {
        Path part = part(folder.resolve("run/windows/dev"));
        byte[] bytes = Files.readAllBytes(part);
        FileTime written = Files.getLastModifiedTime(part);
        byte[] flipped = bytes.clone();
        flipped[flipped.length / 2] ^= 1;
        Files.write(part, flipped);
        Files.setLastModifiedTime(part, written);
        refusesWindows();

        Files.delete(part);
        refusesWindows();

        Files.write(part, bytes);
        assertThat(run(new DecodeJob())).as(err).isZero();
        Files.write(part.resolveSibling("part-added.arrow"), bytes);
        refusesWindows();

        assertThat(run(new MadeUpWindows())).as(err).isZero();
        assertThat(run(new DecodeJob())).as(err).isZero();
    }

    private void refusesWindows() {
        for (String[] arguments : List.of(new String[] {}, new String[] {"--force"})) {
            assertThat(run(new DecodeJob(), arguments)).isEqualTo(1);
            assertThat(err)
                    .contains(
                            "windows/dev: files were changed, added or deleted since jobs/preprocess.sh wrote it",
                            "run jobs/preprocess.sh again");
        }
    }

    private static Path part(Path table) throws IOException {
        try (Stream<Path> files = Files.list(table)) {
            return files.filter(file -> file.getFileName().toString().startsWith("part-"))
                    .findFirst()
                    .orElseThrow();
        }
    }

    @Test
    void questionsWithoutKnownAnswersAreDecodedAndEvaluateSaysWhatIsMissing() throws IOException {
        assertThat(run(new MadeUpWindows(false), "--force")).as(err).isZero();

        assertThat(run(new DecodeJob())).as(err).isZero();
        assertThat(json("predictions.json").size()).isEqualTo(QUESTIONS);
        assertThat(run(new EvaluateJob())).isEqualTo(1);
        assertThat(err)
                .contains("examples/dev: questions without answers (20): even0, odd1", "evaluate needs \"answers\"");
    }

    @Test
    void withoutQuestionsToAnswerTheMessageNamesTheSetting() {
        assertThat(run(new DecodeJob(), "data.dev=")).isEqualTo(2);
        assertThat(err).contains("data.dev is not set");
    }

    @Test
    void evaluatingBeforeDecodingNamesTheStageToRun() {
        assertThat(run(new EvaluateJob())).isEqualTo(1);
        assertThat(err).contains("answers/dev", "jobs/decode.sh");
    }

    @Test
    void aKindThatIsNotARegularExpressionIsWrongUse() {
        assertThat(run(new EvaluateJob(), "evaluate.kind=(")).isEqualTo(2);
        assertThat(err).contains("evaluate.kind");
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
        for (int i = 0; i < QUESTIONS; i++) {
            Row[] answers = i % 2 == 0 ? new Row[] {RowFactory.create("words stand", 7)} : new Row[0];
            rows.add(RowFactory.create((long) i, id(i), CONTEXT, answers));
        }
        return spark.createDataFrame(rows, schema);
    }

    private static Dataset<Row> windows() {
        StructType schema = new StructType();
        for (String name : List.of(
                WindowColumns.WINDOW,
                WindowColumns.CONTEXT_FIRST,
                WindowColumns.CONTEXT_LAST,
                WindowColumns.START_POSITION,
                WindowColumns.END_POSITION)) {
            schema = schema.add(name, DataTypes.IntegerType);
        }
        for (String name : List.of(WindowColumns.INPUT_IDS, WindowColumns.OFFSET_STARTS, WindowColumns.OFFSET_ENDS)) {
            schema = schema.add(name, DataTypes.createArrayType(DataTypes.IntegerType));
        }
        schema = schema.add(WindowColumns.EXAMPLE_INDEX, DataTypes.LongType)
                .add(WindowColumns.EXAMPLE_ID, DataTypes.StringType);
        int[] starts = IntStream.range(0, CONTEXT.length())
                .filter(i -> i == 0 || CONTEXT.charAt(i - 1) == ' ')
                .toArray();
        int[] ends = IntStream.rangeClosed(1, CONTEXT.length())
                .filter(i -> i == CONTEXT.length() || CONTEXT.charAt(i) == ' ')
                .toArray();
        List<Row> rows = new ArrayList<>();
        for (int i = 0; i < QUESTIONS; i++) {
            int[] ids = new Random(i)
                    .ints(QUESTION_TOKENS + starts.length + 1, 4, 200)
                    .toArray();
            int last = QUESTION_TOKENS + starts.length - 1;
            rows.add(RowFactory.create(0, QUESTION_TOKENS, last, 0, 0, ids, starts, ends, (long) i, id(i)));
        }
        return spark.createDataFrame(rows, schema);
    }

    private static String[] with(String[] arguments, String more) {
        String[] all = Arrays.copyOf(arguments, arguments.length + 1);
        all[arguments.length] = more;
        return all;
    }

    private int run(Stage stage, String... arguments) {
        ByteArrayOutputStream outBytes = new ByteArrayOutputStream();
        ByteArrayOutputStream errBytes = new ByteArrayOutputStream();
        List<String> commandLine = new ArrayList<>(List.of(conf.toString()));
        commandLine.addAll(Arrays.asList(arguments));
        int code = stage.run(
                new PrintStream(outBytes, true, StandardCharsets.UTF_8),
                new PrintStream(errBytes, true, StandardCharsets.UTF_8),
                commandLine.toArray(String[]::new));
        out = outBytes.toString(StandardCharsets.UTF_8);
        err = errBytes.toString(StandardCharsets.UTF_8);
        return code;
    }

    private JsonNode json(String name) throws IOException {
        return new ObjectMapper().readTree(folder.resolve("run").resolve(name).toFile());
    }

    private static String id(int question) {
        return (question % 2 == 0 ? "even" : "odd") + question;
    }
}
