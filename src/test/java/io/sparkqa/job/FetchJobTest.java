package io.sparkqa.job;

import static org.assertj.core.api.Assertions.assertThat;

import io.sparkqa.TestSpark;
import io.sparkqa.hub.TestHub;
import io.sparkqa.model.ModelFolder;
import io.sparkqa.model.RobertaConfig;
import io.sparkqa.model.Safetensors;
import io.sparkqa.window.TinyTokenizer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Fetches a model and a data set, and runs the other stages without the Hub. */
class FetchJobTest {
    @TempDir
    private static Path data;

    @TempDir
    private Path folder;

    private TestHub hub;
    private Path conf;

    @BeforeAll
    static void aModelAndADataSet() throws IOException {
        Path model = TinyTokenizer.write(data.resolve("model"));
        Files.writeString(
                model.resolve("config.json"),
                """
                {"model_type": "roberta", "hidden_act": "gelu", "vocab_size": %d, "hidden_size": 8, "num_hidden_layers": 1,
                 "num_attention_heads": 2, "intermediate_size": 8, "max_position_embeddings": 66, "pad_token_id": 1}
                """
                        .formatted(TinyTokenizer.VOCABULARY));
        Safetensors.write(
                model.resolve("model.safetensors"),
                ModelFolder.random(RobertaConfig.read(model.resolve("config.json")), 1)
                        .tensors());
        Path set = Files.createDirectories(data.resolve("set"));
        Dataset<Row> questions = TestSpark.session()
                .sql(
                        "SELECT CAST(id AS STRING) AS id, 'Ants' AS title, 'The ant is small.' AS context, 'What?' AS question, named_struct('text', array('ant'), 'answer_start', array(4)) AS answers FROM range(8)");
        questions.coalesce(1).write().parquet(data.resolve("written").toString());
        try (var files = Files.newDirectoryStream(data.resolve("written"), "part-*.parquet")) {
            Path file = files.iterator().next();
            Files.copy(file, set.resolve("train-00000-of-00001.parquet"));
            Files.copy(file, set.resolve("validation-00000-of-00001.parquet"));
        }
    }

    @BeforeEach
    void aHubThatHasThem() throws IOException {
        hub = TestHub.start();
        put("models/org/tiny", data.resolve("model"));
        put("datasets/org/ants", data.resolve("set"));
        conf = Files.writeString(
                folder.resolve("a.conf"),
                """
                run.dir = "%1$s/run"
                data { train = org/ants, dev = org/ants }
                model.from = org/tiny
                hub.cache = "%1$s/cache"
                features { max_length = 48, stride = 4 }
                train { batch = 4, max_steps = 2, dtype = float32 }
                """
                        .formatted(folder));
    }

    private void put(String repository, Path from) throws IOException {
        try (var files = Files.list(from)) {
            for (Path file : files.toList()) {
                hub.put(repository, file.getFileName().toString(), Files.readAllBytes(file));
            }
        }
    }

    @AfterEach
    void close() {
        hub.close();
    }

    private StageOutput fetch(String... arguments) {
        return fetch(Map.of("HF_ENDPOINT", hub.endpoint()), arguments);
    }

    private StageOutput fetch(Map<String, String> variables, String... arguments) {
        return run(new FetchJob(variables), arguments);
    }

    private StageOutput run(Stage stage, String... arguments) {
        List<String> commandLine = new ArrayList<>(List.of(conf.toString()));
        commandLine.addAll(Arrays.asList(arguments));
        return StageOutput.of(stage, commandLine.toArray(String[]::new));
    }

    @Test
    void afterItEveryOtherStageRunsWithoutTheHub() {
        StageOutput output = fetch();
        assertThat(output.err()).isEmpty();
        assertThat(output.out())
                .startsWith("fetch: 6 files, ")
                .contains("MB/s", folder.resolve("cache/models--org--tiny").toString())
                .hasLineCount(1);
        hub.close();

        for (Stage stage : List.of(new PreprocessJob(), new TrainJob(), new DecodeJob(), new EvaluateJob())) {
            StageOutput done = run(stage);
            assertThat(done.err()).isEmpty();
            assertThat(done.code()).isZero();
        }
        assertThat(folder.resolve("run/model/tokenizer.json")).exists();
        assertThat(folder.resolve("run/experiment.conf")).content().contains("model.from = \"org/tiny\"");
    }

    @Test
    void withoutItTheOtherStagesSayWhatToDo() {
        String remedy =
                "run jobs/fetch.sh %s where there is a network (on a cluster: on the login node)".formatted(conf);
        StageOutput output = run(new PreprocessJob());
        assertThat(output.code()).isEqualTo(1);
        assertThat(output.err())
                .contains("org/ants is not in the cache " + folder.resolve("cache"), remedy)
                .hasLineCount(1);

        assertThat(run(new PreprocessJob(), "data.train=", "data.dev=" + data.resolve("set"))
                        .err())
                .contains("org/tiny is not in the cache", remedy);
    }

    @Test
    void fetchedFilesAreUpToDateWithAndWithoutANetwork() {
        fetch();
        assertThat(fetch().out()).startsWith("fetch: up to date (");
        hub.close();
        assertThat(fetch(Map.of("HF_HUB_OFFLINE", "1")).out()).startsWith("fetch: up to date (");
        StageOutput other = fetch(Map.of("HF_HUB_OFFLINE", "1"), "model.from=org/other");
        assertThat(other.code()).isEqualTo(1);
        assertThat(other.err()).contains("org/other is not in the cache", "HF_HUB_OFFLINE is set");
    }

    @Test
    void filesOfThisMachineNeedNoFetching() {
        StageOutput output =
                fetch("model.from=" + data.resolve("model"), "data.train=", "data.dev=" + data.resolve("set"));
        assertThat(output.out()).startsWith("fetch: nothing to fetch");
        assertThat(output.code()).isZero();
    }

    @Test
    void fetchRefusesAModelOtherThanRoberta() {
        hub.put("models/org/tiny", "config.json", "{\"model_type\": \"bert\"}");
        StageOutput output = fetch();
        assertThat(output.code()).isEqualTo(1);
        assertThat(output.err()).contains("model_type is \"bert\"", "choose a RoBERTa checkpoint");
    }
}
