package io.sparkqa.job;

import static org.assertj.core.api.Assertions.assertThat;

import io.sparkqa.Pages;
import io.sparkqa.window.TinyTokenizer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.apache.spark.sql.SparkSession;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.io.TempDir;

/**
 * Runs all stages by jobs/pipeline.sh, on three questions, in a folder with spaces in its name. Each test uses what the ones
 * before have made.
 */
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class PipelineIT {
    private static final String QUESTIONS =
            """
            {"version": "v2.0", "data": [{"title": "A lamp", "paragraphs": [{
              "context": "The lamp was lit by Ana Böhm in 1702. Its keeper was Tom Reed.",
              "qas": [
                {"id": "one", "question": "Who lit the lamp?", "is_impossible": false,
                 "answers": [{"text": "Ana Böhm", "answer_start": 20}]},
                {"id": "two", "question": "Who was the keeper?", "is_impossible": false,
                 "answers": [{"text": "Tom Reed", "answer_start": 53}]},
                {"id": "three", "question": "Who sold the lamp?", "is_impossible": true, "answers": []}
              ]}]}]}
            """;

    private static final String TINY =
            """
            {"architectures": ["RobertaForQuestionAnswering"], "model_type": "roberta", "vocab_size": 8192,
             "hidden_size": 32, "num_hidden_layers": 1, "num_attention_heads": 2, "intermediate_size": 64,
             "hidden_act": "gelu", "hidden_dropout_prob": 0.1, "attention_probs_dropout_prob": 0.1,
             "max_position_embeddings": 130, "type_vocab_size": 1, "initializer_range": 0.02, "layer_norm_eps": 1e-05,
             "pad_token_id": 1, "bos_token_id": 0, "eos_token_id": 2}
            """;

    @TempDir
    static Path temporary;

    private static Path folder;

    @BeforeAll
    static void anExperiment() throws IOException {
        folder = Files.createDirectories(temporary.resolve("my work"));
        Files.writeString(folder.resolve("the questions.json"), QUESTIONS);
        Files.writeString(folder.resolve("tiny.json"), TINY);
        TinyTokenizer.write(folder.resolve("tokenizer"));
        Files.writeString(
                folder.resolve("my conf.conf"),
                """
                run.dir = a run
                data.train = the questions.json
                data.dev = the questions.json
                model { config = tiny.json, tokenizer = tokenizer }
                features { max_length = 96, stride = 8 }
                train { max_steps = 2, batch = 2, dropout = 0 }
                evaluate.kind = "(o)"
                """);
    }

    private static Script pipeline(String... overrides) throws Exception {
        List<String> arguments = new ArrayList<>(List.of("my conf.conf"));
        arguments.addAll(List.of(overrides));
        return Script.run(folder, Map.of(), "pipeline.sh", arguments.toArray(String[]::new));
    }

    @Test
    @Order(1)
    void oneCommandLeadsFromQuestionsToMetrics() throws Exception {
        Script script = pipeline("data.more.by-hand=the questions.json", "spark.sql.shuffle.partitions=2");
        assertThat(script.code()).as(script.err()).isZero();
        assertThat(script.out()
                        .lines()
                        .filter(line -> line.matches("(preprocess|train|decode|evaluate|report): .*; see .*")))
                .hasSize(5);
        assertThat(script.out()).contains("F1").containsPattern("train +\\d+ s +\\d\\.\\d GB  a run: model");
        assertThat(script.err()).doesNotContain("WARN", "Exception");
        for (String made : List.of(
                "model/model.safetensors",
                "predictions.json",
                "nbest_predictions-by-hand.json",
                "metrics.json",
                "metrics-by-kind-by-hand.json",
                "train-log.jsonl",
                "experiment.conf",
                "stages.jsonl",
                "report.html",
                "logs/decode.log")) {
            assertThat(folder.resolve("a run").resolve(made)).isNotEmptyFile();
        }
        try (var partial = Files.find(folder, 9, (path, x) -> path.toString().endsWith(".partial"))) {
            assertThat(partial).isEmpty();
        }
    }

    @Test
    @Order(2)
    void theSameCommandAgainFindsEverythingUpToDate() throws Exception {
        Script script = pipeline("data.more.by-hand=the questions.json", "spark.sql.shuffle.partitions=2");
        assertThat(script.code()).isZero();
        assertThat(script.out()
                        .lines()
                        .filter(line -> line.matches("(preprocess|train|decode|evaluate|report): up to date .*")))
                .hasSize(5);
    }

    @Test
    @Order(3)
    void aSettingOfDecodingRedoesDecodingAndWhatFollows() throws Exception {
        Script train = Script.run(folder, Map.of(), "train.sh", "my conf.conf", "decode.n_best=3");
        assertThat(train.out()).startsWith("train: up to date");
        Script decode = Script.run(folder, Map.of(), "decode.sh", "my conf.conf", "decode.n_best=3");
        assertThat(decode.out()).containsPattern("decode: .*; see ");
        Script evaluate = Script.run(folder, Map.of(), "evaluate.sh", "my conf.conf", "decode.n_best=3");
        assertThat(evaluate.out()).containsPattern("evaluate: .*; see ");
        Script report = Script.run(folder, Map.of(), "report.sh", "a run", "my conf.conf", "--out", "both.html");
        assertThat(report.out()).containsPattern("report: 2 runs, .*; see both.html");
        assertThat(folder.resolve("both.html")).content().contains("by-hand", "Content-Security-Policy");
    }

    @Test
    @Order(4)
    void theShippedQueriesRunOverIt() throws Exception {
        // all stages share this session, since a stage uses a session that exists
        try (SparkSession spark = SparkSession.builder()
                        .master("local[1]")
                        .config("spark.ui.enabled", false)
                        .config("spark.sql.shuffle.partitions", 1)
                        .getOrCreate();
                var queries = Files.list(Script.PROJECT.resolve("jobs/sql"))) {
            assertThat(spark.version()).startsWith("3.5.");
            for (Path query : (Iterable<Path>) queries.sorted()::iterator) {
                StageOutput output = StageOutput.of(
                        new SqlJob(),
                        folder.resolve("my conf.conf").toString(),
                        "run.dir=" + folder.resolve("a run"),
                        query.toString());
                assertThat(output.code()).as(query + ": " + output.err()).isZero();
            }
        }
    }

    /** Here conf/demo.conf includes the experiment of these tests, so the commands use this run instead of the demo's. */
    @Test
    @Order(4)
    void theCommandsOfThePagesRunAsTheyStand() throws Exception {
        Files.createDirectories(folder.resolve("conf"));
        Files.createSymbolicLink(folder.resolve("jobs"), Script.PROJECT.resolve("jobs"));
        Files.writeString(
                folder.resolve("conf/demo.conf"),
                Files.readString(folder.resolve("my conf.conf")) + "data.more.by-hand = the questions.json\n");
        Files.writeString(
                folder.resolve("questions.csv"), "question,context\nWho lit the lamp?,Ana lit the lamp in 1702.\n");
        List<String> commands = Pages.fences().stream()
                .filter(fence -> fence.mark().equals("run"))
                .flatMap(fence -> fence.commands().stream())
                .distinct()
                .toList();
        assertThat(commands).isNotEmpty();
        for (String command : commands) {
            try (Running running = new Running(
                    folder, Map.of("SPARK_SUBMIT_OPTS", Script.BRIEF_JVM), List.of("bash", "-c", command))) {
                Script script = running.end();
                assertThat(script.code()).as(command + ": " + script.err()).isZero();
                assertThat(script.out()).as(command).isNotBlank();
            }
        }
    }

    @Test
    @Order(5)
    void theFirstStageThatFailsEndsThePipelineWithItsCodeAndOneMessage() throws Exception {
        Files.writeString(
                folder.resolve("broken.json"), QUESTIONS.replace("\"answer_start\": 20", "\"answer_start\": 3"));
        Script script = pipeline("data.train=broken.json");
        assertThat(script.code()).isEqualTo(1);
        List<String> messages = script.err()
                .lines()
                .filter(line -> !line.contains("questions read/s")) // progress, which only a slow machine prints
                .toList();
        assertThat(messages).hasSize(2);
        assertThat(messages.get(0)).contains("is made again: data.train: contents changed");
        assertThat(messages.get(1)).contains("broken.json", "one");
        assertThat(script.out()).doesNotContain("train:", "decode:");
    }

    @Test
    @Order(6)
    void anErrorInATaskIsOneMessageToo() throws Exception {
        Files.writeString(
                folder.resolve("long.json"),
                QUESTIONS.replace("Who lit the lamp?", "Who lit the lamp that stood " + "and stood ".repeat(50) + "?"));
        Script script = pipeline("data.train=long.json");
        assertThat(script.code()).isEqualTo(1);
        assertThat(script.err()).contains("one", "features.max_length").hasLineCount(1);
    }

    @Test
    @Order(7)
    void wrongUseEndsThePipelineWithTwo() throws Exception {
        Script script = pipeline("features.max_lenght=64");
        assertThat(script.code()).isEqualTo(2);
        assertThat(script.err()).contains("features.max_length?").hasLineCount(1);
    }

    @Test
    @Order(8)
    void aSignalEndsThePipelineCleanlyAndTheSameCommandContinues() throws Exception {
        String[] arguments = {"my conf.conf", "run.dir=asked", "train.max_steps=1000000", "train.lr=0"};
        try (Running pipeline = Script.start(folder, Map.of(), "pipeline.sh", arguments)) {
            awaitTraining(pipeline);
            Script asked = pipeline.signal("USR1").end();
            assertThat(asked.code()).as(asked.err()).isEqualTo(75);
            assertThat(asked.out())
                    .contains("train: stopped on request after step")
                    .doesNotContain("decode:");
            assertThat(asked.err()).doesNotContain("Exception");
        }
        Files.delete(folder.resolve("asked/checkpoints/train-log.jsonl"));
        try (Running pipeline = Script.start(folder, Map.of(), "pipeline.sh", arguments)) {
            awaitTraining(pipeline);
            Script asked = pipeline.signal("TERM").end();
            assertThat(asked.code()).as(asked.err()).isEqualTo(75);
            assertThat(asked.out()).contains("resuming after step").doesNotContain("decode:");
        }
    }

    private static void awaitTraining(Running pipeline) throws Exception {
        Path log = folder.resolve("asked/checkpoints/train-log.jsonl");
        while (!Files.exists(log) || !Files.readString(log).contains("grad_norm")) {
            assertThat(pipeline.isAlive()).isTrue();
            TimeUnit.MILLISECONDS.sleep(20);
        }
    }

    @Test
    @Order(9)
    void aStageThatKeepsNoCheckpointsEndsAtOnce() throws Exception {
        for (Map.Entry<String, Integer> signal : Map.of("USR1", 75, "TERM", 143).entrySet()) {
            Path log = folder.resolve("a run/logs/evaluate.log");
            long before = Files.size(log);
            try (Running evaluate =
                    Script.start(folder, Map.of(), "evaluate.sh", "my conf.conf", "decode.n_best=3", "--force")) {
                while (Files.size(log) == before) {
                    TimeUnit.MILLISECONDS.sleep(5);
                }
                assertThat(evaluate.signal(signal.getKey()).end().code()).isEqualTo(signal.getValue());
            }
        }
    }
}
