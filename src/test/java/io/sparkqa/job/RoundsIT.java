package io.sparkqa.job;

import static org.assertj.core.api.Assertions.assertThat;

import io.sparkqa.model.ModelFolder;
import io.sparkqa.model.RobertaConfig;
import io.sparkqa.window.TinyTokenizer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.io.TempDir;

/** Trains in rounds on two executors, which are processes of their own, and kills an executor or the driver. */
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class RoundsIT {
    @TempDir
    static Path folder;

    @BeforeAll
    static void anExperiment() throws IOException {
        Files.writeString(folder.resolve("train.json"), AntQuestions.json(40));
        TinyTokenizer.write(folder.resolve("tokenizer"));
        Files.writeString(
                folder.resolve("tiny.json"),
                """
                {"model_type": "roberta", "vocab_size": 4608, "hidden_size": 64, "num_hidden_layers": 2,
                 "num_attention_heads": 2, "intermediate_size": 128, "hidden_act": "gelu",
                 "max_position_embeddings": 66, "pad_token_id": 1}
                """);
        Files.writeString(
                folder.resolve("a.conf"),
                """
                data.train = train.json
                model { config = tiny.json, tokenizer = tokenizer }
                features { max_length = 48, stride = 8 }
                train { max_steps = 100, batch = 2, dtype = float32, lr = 1e-3, replicas = 2, rounds.steps = 5 }
                """);
    }

    @Test
    @Order(1)
    void twoExecutorsTrain() throws Exception {
        Script train = preparedAndStarted("undisturbed", "data.dev=train.json").end();
        assertThat(train.code()).as(train.err()).isZero();
        assertThat(train.out())
                .startsWith("train: computes on the CPU in float32\n")
                .contains("epoch 0.00: dev loss ", "epoch 5.00: dev loss ", "train: fine-tuned on 40 windows");
    }

    @Test
    @Order(2)
    void aKilledExecutorCostsARoundAndChangesNothing() throws Exception {
        try (Running train = preparedAndStarted("executor-lost")) {
            awaitACheckpoint(train, "executor-lost");
            ProcessHandle executor = train.descendants()
                    .filter(process -> process.info().commandLine().orElse("").contains("ExecutorBackend"))
                    .findFirst()
                    .orElseThrow();
            assertThat(executor.destroyForcibly()).isTrue();
            Script end = train.end();
            assertThat(end.code()).as(end.err()).isZero();
        }
        assertThat(folder.resolve("executor-lost/logs/train.log")).content().contains("Lost executor");
        sameAsUndisturbed("executor-lost");
    }

    @Test
    @Order(3)
    void aKilledOrStoppedDriverResumesAtItsRound() throws Exception {
        try (Running train = preparedAndStarted("driver-lost")) {
            awaitACheckpoint(train, "driver-lost");
            assertThat(train.signal("KILL").end().code()).isEqualTo(137);
        }
        try (Running train = started("driver-lost")) {
            awaitACheckpoint(train, "driver-lost");
            Script asked = train.signal("TERM").end();
            assertThat(asked.code()).as(asked.err()).isEqualTo(75);
            assertThat(asked.out()).contains("resuming after step", "stopped on request after step");
        }
        try (Running train = started("driver-lost")) {
            Script end = train.end();
            assertThat(end.code()).as(end.err()).isZero();
            assertThat(end.out()).contains("resuming after step");
        }
        sameAsUndisturbed("driver-lost");
    }

    @Test
    @Order(4)
    void anErrorThatTheUserCanCorrectEndsTheRunAtOnce() throws Exception {
        ModelFolder.Weights weights = ModelFolder.random(RobertaConfig.read(folder.resolve("tiny.json")), 1);
        weights.tensors().get("qa_outputs.bias").data().putFloat(0, Float.NaN);
        ModelFolder.write(
                folder.resolve("poisoned-model"), weights.config(), weights.tensors(), folder.resolve("tokenizer"));
        Script train =
                preparedAndStarted("poisoned", "model.from=poisoned-model").end();
        assertThat(train.code()).as(train.err()).isEqualTo(1);
        assertThat(train.err()).contains("the loss is", "start anew (--force) with a lower train.lr");
        assertThat(folder.resolve("poisoned/logs/train.log")).content().doesNotContain("Lost task");
    }

    private static Running preparedAndStarted(String run, String... settings) throws Exception {
        List<String> arguments = new ArrayList<>(List.of("a.conf", "run.dir=" + run));
        arguments.addAll(List.of(settings));
        assertThat(Script.run(folder, Map.of(), "preprocess.sh", arguments.toArray(String[]::new))
                        .code())
                .isZero();
        return started(run, settings);
    }

    private static Running started(String run, String... settings) throws IOException {
        List<String> arguments = new ArrayList<>(List.of("a.conf", "run.dir=" + run));
        arguments.addAll(List.of("--master", "local-cluster[2,1,1024]"));
        arguments.add("spark.executor.extraJavaOptions=-Dai.djl.offline=true " + Script.BRIEF_JVM);
        arguments.addAll(List.of(settings));
        return Script.start(folder, Map.of(), "train.sh", arguments.toArray(String[]::new));
    }

    /** Waits until this process has written a checkpoint; those of earlier processes do not count. */
    private static void awaitACheckpoint(Running train, String run) throws Exception {
        List<String> before = checkpoints(run);
        while (before.containsAll(checkpoints(run))) {
            assertThat(train.isAlive()).as("the run is over too early").isTrue();
            TimeUnit.MILLISECONDS.sleep(5);
        }
    }

    private static List<String> checkpoints(String run) {
        String[] names =
                folder.resolve(run).resolve("checkpoints").toFile().list((parent, name) -> name.matches("step-\\d+"));
        return names == null ? List.of() : List.of(names);
    }

    private static void sameAsUndisturbed(String run) {
        for (String file :
                List.of("model/model.safetensors", "checkpoints/step-0000100/replica-1/optimizer.safetensors")) {
            assertThat(folder.resolve(run).resolve(file))
                    .hasSameBinaryContentAs(folder.resolve("undisturbed").resolve(file));
        }
    }
}
