package io.sparkqa.job;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.sparkqa.TestSpark;
import io.sparkqa.window.TinyTokenizer;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.apache.commons.io.FileUtils;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Trains a network of a few thousand weights on questions about ants, and tests what may go wrong. */
class TrainJobTest {
    private static final String NETWORK =
            """
            {"model_type": "roberta", "hidden_act": "gelu", "vocab_size": %d, "hidden_size": 8, "num_hidden_layers": 1,
             "num_attention_heads": 2, "intermediate_size": 8, "max_position_embeddings": %d, "pad_token_id": 1}
            """;

    /** Questions, tokenizer and a run with windows. */
    @TempDir
    private static Path prepared;

    @TempDir
    private Path folder;

    private Path run;

    @BeforeAll
    static void aRunWithWindows() throws IOException {
        TestSpark.session();
        TinyTokenizer.write(prepared.resolve("tokenizer"));
        Files.writeString(prepared.resolve("config.json"), NETWORK.formatted(TinyTokenizer.VOCABULARY, 66));
        questions("train");
        questions("dev");
        preprocess(prepared);
    }

    @BeforeEach
    void aCopyOfTheRun() throws IOException {
        run = folder.resolve("run");
        FileUtils.copyDirectory(prepared.resolve("run").toFile(), run.toFile());
        writeConf(folder);
    }

    private static void preprocess(Path folder, String... arguments) throws IOException {
        StageOutput output = StageOutput.of(
                new PreprocessJob(),
                Stream.concat(Stream.of(writeConf(folder).toString()), Stream.of(arguments))
                        .toArray(String[]::new));
        assertThat(output.code()).as(output.err()).isZero();
    }

    private static Path writeConf(Path folder) throws IOException {
        return Files.writeString(
                folder.resolve("a.conf"),
                """
                run.dir = "%1$s/run"
                data { train = "%2$s/train.json", dev = "%2$s/dev.json" }
                model { tokenizer = "%2$s/tokenizer", config = "%2$s/config.json" }
                features { max_length = 48, stride = 4 }
                train { batch = 4, max_steps = 6, log_steps = 2, dtype = float32, lr = 1e-2, checkpoint.steps = 2 }
                evaluate.kind = "^[a-z]+"
                """
                        .formatted(folder, prepared));
    }

    @Test
    void aRandomStartBecomesAModelFolderWithALogOfStepsAndEvaluations() throws IOException {
        ByteArrayOutputStream progress = new ByteArrayOutputStream();
        PrintStream terminal = System.err;
        System.setErr(new PrintStream(progress, true, StandardCharsets.UTF_8));
        StageOutput output;
        try {
            output = train();
        } finally {
            System.setErr(terminal);
        }

        assertThat(output.err()).isEmpty();
        assertThat(output.code()).isZero();
        assertThat(progress.toString(StandardCharsets.UTF_8).lines().filter(line -> line.contains("lr ")))
                .hasSize(3)
                .last()
                .asString()
                .matches(
                        "train: 6 of 6 steps \\(100 %\\), [0-9.]+ steps/s, 0 s left, loss [0-9.]+, lr [0-9.e+-]+, [0-9,]+ tokens/s, [0-9]+ % of the peak, epoch 3.00 of 3.00");
        assertThat(output.out()).matches("(?s)train: computes on (the CPU|cuda:0) in (float32|bfloat16)\n.*");
        assertThat(output.out()).contains("dev, F1", "before", "after", "kind dev", "fine-tuned on");
        assertThat(run.resolve("model")).isDirectoryContaining("glob:**/model.safetensors");
        assertThat(run.resolve("model/merges.txt")).hasSameBinaryContentAs(prepared.resolve("tokenizer/merges.txt"));
        assertThat(run.resolve("model/serving.properties")).content().contains("features.stride=");
        List<JsonNode> steps = log("step");
        assertThat(steps).extracting(line -> line.get("step").asInt()).containsExactly(2, 4, 6);
        assertThat(steps)
                .allSatisfy(
                        line -> assertThat(line.get("share_of_peak").asDouble()).isBetween(0.0, 1.0));
        assertThat(steps.get(2).get("loss").asDouble())
                .isLessThan(steps.get(0).get("loss").asDouble());
        List<JsonNode> evaluations = log("evaluation");
        assertThat(evaluations.get(0).get("step").asInt()).isZero();
        assertThat(evaluations.get(evaluations.size() - 1).get("step").asInt()).isEqualTo(6);
        assertThat(evaluations.get(0).at("/dev_by_kind/dev/total").asInt()).isEqualTo(8);
    }

    @Test
    void replicasTellTheirShareOfThePeakAndEvaluateDevAsOneNetworkDoes() throws IOException {
        StageOutput output = train("train.replicas=2", "train.rounds.steps=1");
        assertThat(output.err()).isEmpty();
        assertThat(output.out()).startsWith("train: computes on the CPU in float32\n");
        assertThat(log("step")).hasSize(3).allSatisfy(line -> assertThat(
                        line.get("share_of_peak").asDouble())
                .isBetween(1e-9, 1.0));
        List<JsonNode> evaluations = log("evaluation");
        JsonNode last = evaluations.get(evaluations.size() - 1);

        String[] from = {
            folder.resolve("a.conf").toString(),
            "model.from=" + run.resolve("model"),
            "model.config=",
            "model.tokenizer=",
            "run.dir=" + folder.resolve("other"),
            "train.max_steps=1"
        };
        assertThat(StageOutput.of(new PreprocessJob(), from).err()).isEmpty();
        assertThat(StageOutput.of(new TrainJob(), from).err()).isEmpty();
        run = folder.resolve("other");
        JsonNode first = log("evaluation").get(0);
        assertThat(first.get("dev_loss")).isEqualTo(last.get("dev_loss"));
        assertThat(first.get("dev")).isEqualTo(last.get("dev"));
    }

    @Test
    void evaluateFillsItsScoresIntoTheModelsCardAndNothingBecomesStale() throws IOException {
        String conf = folder.resolve("a.conf").toString();
        Path card = run.resolve("model/README.md");
        assertThat(train().code()).isZero();
        assertThat(card).content().contains("| windows/train | ", "| data.train, train.json | ", "Not evaluated yet");
        assertThat(StageOutput.of(new DecodeJob(), conf, "train.lr=2e-2").code())
                .isZero();
        assertThat(run.resolve("experiment.conf"))
                .as("settings that the model was made with")
                .content()
                .contains("train.lr = \"0.01\"");

        assertThat(StageOutput.of(new EvaluateJob(), conf).err()).isEmpty();

        assertThat(card)
                .content()
                .contains("model-index:\n- name: \"run\"\n", "| dev: dev.json | 8 | ")
                .doesNotContain("Not evaluated yet");
        Files.writeString(card, Files.readString(card).replace("# run", "# Ants"));
        assertThat(StageOutput.of(new DecodeJob(), conf).out()).contains("up to date");
        assertThat(StageOutput.of(new EvaluateJob(), conf).err()).isEmpty();
        assertThat(card).content().contains("# Ants");
    }

    @Test
    void aFineTunedFolderIsDecodedOnItsOwnAndCanBeTrainedFurther() {
        assertThat(train().code()).isZero();
        String model = "model.from=" + run.resolve("model");
        String other = "run.dir=" + folder.resolve("other");
        String[] arguments = {folder.resolve("a.conf").toString(), model, "model.config=", "model.tokenizer=", other};

        assertThat(StageOutput.of(new PreprocessJob(), arguments).code()).isZero();
        assertThat(StageOutput.of(new DecodeJob(), arguments).err()).isEmpty();
        assertThat(folder.resolve("other/predictions.json")).exists();
        StageOutput further = StageOutput.of(new TrainJob(), arguments);
        assertThat(further.err()).isEmpty();
        assertThat(further.out()).doesNotContain("drawn at random");
    }

    @Test
    void theBestModelOnDevIsKeptAndDecodesToItsScore() throws IOException {
        assertThat(train("train.checkpoint.best=true", "train.lr=0.3", "train.max_steps=12")
                        .err())
                .isEmpty();
        double best = log("evaluation").stream()
                .filter(line -> line.get("step").asInt() > 0)
                .mapToDouble(line -> line.at("/dev/f1").asDouble())
                .max()
                .orElseThrow();

        String[] arguments = {
            folder.resolve("a.conf").toString(),
            "model.from=" + run.resolve("checkpoints/best"),
            "model.config=",
            "model.tokenizer=",
            "run.dir=" + folder.resolve("other")
        };
        for (Stage stage : List.of(new PreprocessJob(), new DecodeJob(), new EvaluateJob())) {
            assertThat(StageOutput.of(stage, arguments).err()).isEmpty();
        }
        JsonNode metrics =
                new ObjectMapper().readTree(folder.resolve("other/metrics.json").toFile());
        assertThat(metrics.get("f1").asDouble()).isEqualTo(best);
        String saved = folder.resolve("other/experiment.conf").toString();
        for (Stage stage : List.of(new PreprocessJob(), new DecodeJob(), new EvaluateJob())) {
            assertThat(StageOutput.of(stage, saved).out()).contains("up to date");
        }
        assertThat(StageOutput.of(new TrainJob(), run.resolve("experiment.conf").toString())
                        .out())
                .contains("up to date");
    }

    @Test
    void theBestModelRequiresDev() {
        StageOutput output = train("train.checkpoint.best=true", "data.dev=");
        assertThat(output.code()).isEqualTo(2);
        assertThat(output.err()).contains("train.checkpoint.best", "set data.dev");
    }

    @Test
    void settingsThatDoNotChangeTheResultDoNotTrainAgain() {
        assertThat(train().code()).isZero();
        assertThat(train().out()).startsWith("train: up to date");
        assertThat(train("train.log_steps=1", "train.checkpoint.steps=5", "train.keep=3")
                        .out())
                .startsWith("train: up to date");
        assertThat(train("evaluate.kind=").out()).startsWith("train: up to date");
    }

    @Test
    void aFinishedModelIsReplacedOnlyByForce() throws IOException {
        assertThat(train().code()).isZero();
        byte[] weights = Files.readAllBytes(run.resolve("model/model.safetensors"));

        StageOutput refused = train("train.lr=2e-2", "train.dropout=0.2");
        assertThat(refused.code()).isEqualTo(2);
        assertThat(refused.err())
                .contains(
                        run.resolve("model").toString(),
                        "train.lr changed: 0.02, was 0.01",
                        "train.dropout changed: 0.2, was unset")
                .contains("run.dir=", "--force");
        assertThat(run.resolve("model/model.safetensors")).hasBinaryContent(weights);
        assertThat(train().out()).startsWith("train: up to date");

        assertThat(train("train.lr=2e-2", "--force").out()).contains("fine-tuned on");
    }

    @Test
    void trainingBeforePreprocessingNamesTheStageToRun() {
        refuses(train("run.dir=" + folder.resolve("empty")), "windows/train", "jobs/preprocess.sh");
    }

    @Test
    void aDevSetWithoutKnownAnswersIsNotEvaluatedAndCanNotChooseTheBestModel() throws IOException {
        String dev = "data.dev="
                + Files.writeString(
                        folder.resolve("dev.json"),
                        "{\"id\": 1, \"context\": \"the ant and the bee\", \"question\": \"Who?\"}");
        preprocess(folder, dev);

        refuses(train(dev, "train.checkpoint.best=true"), "train.checkpoint.best", "questions without answers");
        assertThat(train(dev, "train.max_steps=2").out()).contains("dev has questions without answers");
    }

    @Test
    void anotherFileAmongTheWindowsIsRefusedEvenWithForce() throws IOException {
        Files.write(run.resolve("windows/train/part-added.arrow"), new byte[100]);

        for (String[] arguments : List.of(new String[] {}, new String[] {"--force"})) {
            refuses(
                    train(arguments),
                    "windows/train: files were changed, added or deleted since jobs/preprocess.sh wrote it",
                    "run jobs/preprocess.sh again");
        }
    }

    @Test
    void withoutTrainingDataTheStartModelIsTheModel() {
        StageOutput output = train("data.train=", "model.from=" + folder, "train.checkpoint.best=true");

        assertThat(output.code()).as(output.err()).isZero();
        assertThat(output.out())
                .isEqualTo("train: data.train is not set, so nothing is trained; decode uses model.from"
                        + System.lineSeparator());
        assertThat(run.resolve("model")).doesNotExist();
    }

    @Test
    void withoutTrainingDataAndModelThereIsNothingToUse() {
        StageOutput output = train("data.train=");

        assertThat(output.code()).isEqualTo(2);
        assertThat(output.err()).contains("data.train", "model.from");
    }

    @Test
    void neitherModelNorConfigurationIsAnErrorThatNamesBothKeys() {
        refuses(train("model.config="), "model.from", "model.config");
    }

    @Test
    void windowsOfAnotherTokenizerAreRefused() throws IOException {
        Path other = TinyTokenizer.write(folder.resolve("other-tokenizer"));
        Files.writeString(other.resolve("merges.txt"), "#version: 0.2\na n\n");
        refuses(train("model.tokenizer=" + other), "made with a tokenizer other than", "jobs/preprocess.sh");
    }

    @Test
    void aNonexistentGpuIsNamed() {
        StageOutput output = train("train.device=cuda:7");
        assertThat(output.code()).isEqualTo(2);
        assertThat(output.err()).contains("cuda:7", "train.device=cpu").doesNotContain("Exception");
        assertThat(run.resolve("model")).doesNotExist();
    }

    private StageOutput train(String... arguments) {
        List<String> all = new ArrayList<>(List.of(folder.resolve("a.conf").toString()));
        all.addAll(List.of(arguments));
        return StageOutput.of(new TrainJob(), all.toArray(String[]::new));
    }

    private void refuses(StageOutput output, String... words) {
        assertThat(output.code()).isEqualTo(1);
        assertThat(output.err()).contains(words).doesNotContain("Exception");
        assertThat(run.resolve("model")).doesNotExist();
    }

    private List<JsonNode> log(String event) throws IOException {
        List<JsonNode> lines = new ArrayList<>();
        for (String line : Files.readAllLines(run.resolve("train-log.jsonl"))) {
            JsonNode node = new ObjectMapper().readTree(line);
            if (node.get("event").asText().equals(event)) {
                lines.add(node);
            }
        }
        return lines;
    }

    private static void questions(String split) throws IOException {
        StringBuilder qas = new StringBuilder();
        for (int i = 0; i < 8; i++) {
            qas.append(i == 0 ? "" : ",")
                    .append(
                            "{\"id\": \"%s%d\", \"question\": \"Who?\", \"answers\": [{\"text\": \"ant\", \"answer_start\": 4}]}"
                                    .formatted(split, i));
        }
        Files.writeString(
                prepared.resolve(split + ".json"),
                "{\"version\": \"v2.0\", \"data\": [{\"title\": \"t\", \"paragraphs\": [{\"context\": \"The ant runs.\", \"qas\": [%s]}]}]}"
                        .formatted(qas));
    }
}
