package io.sparkqa.job;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.sparkqa.TestSpark;
import io.sparkqa.window.TinyTokenizer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Runs the train stage as a process of its own, kills it, stops it and fills its disk. */
class LossFreeIT {
    private static final int STEPS = 120;
    private static final int KILLS = 10;

    @TempDir
    static Path folder;

    @BeforeAll
    static void anExperimentWithWindows() throws Exception {
        TestSpark.session();
        TinyTokenizer.write(folder.resolve("tokenizer"));
        Files.writeString(
                folder.resolve("config.json"),
                """
                {"model_type": "roberta", "hidden_act": "gelu", "vocab_size": %d, "hidden_size": 128,
                 "num_hidden_layers": 2, "num_attention_heads": 4, "intermediate_size": 512,
                 "max_position_embeddings": 66, "pad_token_id": 1}
                """
                        .formatted(TinyTokenizer.VOCABULARY));
        Files.writeString(folder.resolve("train.json"), AntQuestions.json(50));
        Files.writeString(
                folder.resolve("a.conf"),
                """
                data.train = "%1$s/train.json"
                model { tokenizer = "%1$s/tokenizer", config = "%1$s/config.json" }
                features { max_length = 48, stride = 4 }
                train { batch = 4, max_steps = %2$d, log_steps = 7, checkpoint.steps = 2, dtype = float32, lr = 1e-3 }
                """
                        .formatted(folder, STEPS));
        windows("undisturbed");
        Script undisturbed = new TrainProcess("undisturbed").end();
        assertThat(undisturbed.code()).as(undisturbed.err()).isZero();
    }

    private static void windows(String run) {
        StageOutput output = StageOutput.of(
                new PreprocessJob(), folder.resolve("a.conf").toString(), "run.dir=" + folder.resolve(run));
        assertThat(output.code()).as(output.err()).isZero();
    }

    @Test
    void aRunKilledTenTimesEndsWithTheSameBitsAsAnUninterruptedOne() throws Exception {
        windows("killed");
        long seed = System.nanoTime();
        SplittableRandom random = new SplittableRandom(seed);
        int tornCheckpoints = 0;
        for (int kill = 0; kill < KILLS; kill++) {
            TrainProcess process = new TrainProcess("killed");
            // the latest steps for the kills are spread over the run, so that no kill comes too late on a fast machine
            long latest = (long) STEPS * (kill + 1) / (KILLS + 1);
            if (kill % 2 == 0) {
                process.waitFor(random.nextLong(2_500), latest);
            } else {
                process.waitForHalfWrittenCheckpoints(random.nextInt(1, 8), latest);
            }
            assertThat(process.signal("KILL").code())
                    .as("kill %d, seed %d", kill, seed)
                    .isEqualTo(137);
            tornCheckpoints += process.leftAHalfWrittenCheckpoint() ? 1 : 0;
        }
        assertThat(new TrainProcess("killed").end().code()).isZero();

        System.out.printf("ten kills, %d within a checkpoint's writing, seed %d%n", tornCheckpoints, seed);
        assertThat(tornCheckpoints).as("seed %d", seed).isPositive();
        sameAsUndisturbed("killed");
    }

    @Test
    void aSignalEndsTheStepAndWritesACheckpointFromWhichTheSameCommandContinues() throws Exception {
        windows("asked");
        for (String signal : List.of("TERM", "USR1")) {
            TrainProcess process = new TrainProcess("asked", "train.checkpoint.steps=1000000");
            process.waitForALineOfTheLog();
            Script asked = process.signal(signal);
            assertThat(asked.code()).as(asked.err()).isEqualTo(75);
            assertThat(asked.out())
                    .contains("train: stopped on request after step")
                    .contains("last good checkpoint is " + folder.resolve("asked/checkpoints/step-0000"))
                    .contains("run the same command again to continue");
        }
        Script other = new TrainProcess("asked", "train.lr=2e-3", "train.seed=1", "features.stride=4").end();
        assertThat(other.code()).isEqualTo(1);
        assertThat(other.err())
                .contains("unfinished run", "train.lr: 0.001 → 0.002, train.seed: 42 → 1;", "--force")
                .doesNotContain("features.stride");
        Script goesOn =
                new TrainProcess("asked", "train.log_steps=50", "train.checkpoint.steps=100", "train.keep=1").end();
        assertThat(goesOn.code()).as(goesOn.err()).isZero();
        assertThat(goesOn.out()).contains("resuming after step");
        sameAsUndisturbed("asked");
    }

    @Test
    void aFullDiskStopsTheRunWithTheReasonAndTheOlderCheckpointIsWhole() throws Exception {
        windows("full");
        Path disk = Files.createDirectories(folder.resolve("full/checkpoints"));
        // room for two checkpoints of 5.3 MB, not for a third
        boolean mounted = Running.succeeds("mount", "-t", "tmpfs", "-o", "size=15m", "tmpfs", disk.toString());
        assumeTrue(mounted, "a disk of its own can't be mounted here");
        try {
            Script full = new TrainProcess("full").end();
            assertThat(full.code()).isEqualTo(1);
            assertThat(full.err())
                    .contains("the checkpoint of step 6 can't be written")
                    .containsIgnoringCase("no space left on device")
                    .contains("the last good checkpoint is " + disk.resolve("step-0000004"))
                    .hasLineCount(1);
            assertThat(disk.toFile().list())
                    .containsExactlyInAnyOrder("step-0000002", "step-0000004", "train-log.jsonl");
            assertThat(Running.succeeds("mount", "-o", "remount,size=100m", disk.toString()))
                    .isTrue();
            Script goesOn = new TrainProcess("full").end();
            assertThat(goesOn.out()).contains("resuming after step 4 of");
            sameAsUndisturbed("full");
        } finally {
            assertThat(Running.succeeds("umount", "-l", disk.toString())).isTrue();
        }
    }

    private static void sameAsUndisturbed(String run) {
        for (String file :
                List.of("model/model.safetensors", "checkpoints/step-%07d/optimizer.safetensors".formatted(STEPS))) {
            assertThat(folder.resolve(run).resolve(file))
                    .hasSameBinaryContentAs(folder.resolve("undisturbed").resolve(file));
        }
    }

    /** The train stage without spark-submit, which it does not need. */
    private static final class TrainProcess {
        private final Path checkpoints;
        private final Path log;
        private final long linesBefore;
        private final String halfWrittenBefore;
        private final Running process;

        TrainProcess(String run, String... settings) throws IOException {
            Path target = Script.PROJECT.resolve("target");
            List<String> command = new ArrayList<>(List.of(
                    Path.of(System.getProperty("java.home"), "bin/java").toString(),
                    "-XX:TieredStopAtLevel=1",
                    "-XX:+UseSerialGC",
                    "-Xmx512m",
                    "--add-opens=java.base/java.nio=ALL-UNNAMED",
                    "-Dai.djl.offline=true",
                    "-Dlog4j2.configurationFile=" + Script.PROJECT.resolve("conf/log4j2.properties"),
                    "-cp",
                    "%1$s/spark-qa.jar:%1$s/lib/*:%1$s/spark/jars/*".formatted(target),
                    TrainJob.class.getName(),
                    folder.resolve("a.conf").toString(),
                    "run.dir=" + folder.resolve(run)));
            command.addAll(List.of(settings));
            checkpoints = folder.resolve(run).resolve("checkpoints");
            log = checkpoints.resolve("train-log.jsonl");
            linesBefore = lines();
            halfWrittenBefore = halfWritten();
            process = new Running(folder, Map.of("OMP_NUM_THREADS", "1", "TORCH_CPP_LOG_LEVEL", "ERROR"), command);
        }

        /** Waits until this time has passed or this many steps are saved. */
        void waitFor(long milliseconds, long steps) throws Exception {
            long end = System.nanoTime() + milliseconds * 1_000_000;
            while (System.nanoTime() < end && !areSaved(steps)) {
                waitWhileItRuns();
            }
        }

        private void waitWhileItRuns() throws InterruptedException {
            assertThat(process.isAlive()).as("the run is over too early").isTrue();
            TimeUnit.MILLISECONDS.sleep(1);
        }

        private boolean areSaved(long steps) throws IOException {
            String name = "step-%07d".formatted(steps);
            return entries().stream().anyMatch(entry -> entry.startsWith("step-") && entry.compareTo(name) >= 0);
        }

        /** Waits until the process has begun this many checkpoints and still writes the last, or this many steps are saved. */
        void waitForHalfWrittenCheckpoints(int count, long steps) throws IOException {
            String seen = "";
            for (int begun = 0; begun < count && !areSaved(steps); ) {
                assertThat(process.isAlive()).as("the run is over too early").isTrue();
                String now = halfWritten();
                begun += !now.isEmpty() && !now.equals(seen) ? 1 : 0;
                seen = now.isEmpty() ? seen : now;
            }
        }

        void waitForALineOfTheLog() throws Exception {
            while (lines() == linesBefore) {
                waitWhileItRuns();
            }
        }

        private long lines() throws IOException {
            return Files.exists(log) ? Files.readAllLines(log).size() : 0;
        }

        /** Returns whether this process, not an earlier one, has left a half-written checkpoint. */
        boolean leftAHalfWrittenCheckpoint() throws IOException {
            return !halfWritten().isEmpty() && !halfWritten().equals(halfWrittenBefore);
        }

        String halfWritten() throws IOException {
            return entries().stream()
                    .filter(entry -> entry.endsWith(".partial"))
                    .findFirst()
                    .orElse("");
        }

        private List<String> entries() throws IOException {
            if (!Files.isDirectory(checkpoints)) {
                return List.of();
            }
            try (Stream<Path> entries = Files.list(checkpoints)) {
                return entries.map(path -> path.getFileName().toString()).toList();
            }
        }

        Script signal(String name) throws Exception {
            process.signal(name);
            return end();
        }

        Script end() throws Exception {
            try (process) {
                return process.end();
            }
        }
    }
}
