package io.sparkqa.job;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.engine.EngineException;
import com.fasterxml.jackson.databind.JsonNode;
import io.sparkqa.Mutations;
import io.sparkqa.config.UserError;
import io.sparkqa.run.CachedStep;
import io.sparkqa.run.CompletedOutputs;
import io.sparkqa.run.RunFolder;
import io.sparkqa.run.StageHistory;
import io.sparkqa.run.StageRun;
import io.sparkqa.run.StaleOutputs;
import io.sparkqa.torch.OutOfMemory;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.apache.spark.api.java.function.ForeachFunction;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine.Command;

class StageTest {
    @TempDir
    Path folder;

    private Path conf;
    private Path source;
    private String out;
    private String err;

    /** Copies data.dev to examples/dev, in upper case if the seed is even. */
    @Command(name = "preprocess", description = "Copies.")
    static class CopyJob extends Stage {
        String digest = "0".repeat(64);

        @Override
        protected void work(StageRun run) throws Exception {
            Path source = Path.of(run.experiment().data().evaluated().get("dev"));
            Path copy = run.folder().examples("dev");
            run.step("examples-dev")
                    .reads(source)
                    .settings("train.seed")
                    .dependsOn("tokenizer", digest)
                    .makes(copy)
                    .by(staging -> {
                        write(source, staging.apply(copy));
                        return "1 file copied";
                    });
        }

        void write(Path from, Path to) throws IOException {
            Files.copy(from, to);
        }
    }

    @BeforeEach
    void aConfiguration() throws IOException {
        source = Files.writeString(folder.resolve("dev.json"), "one");
        conf = Files.writeString(
                folder.resolve("mine.conf"),
                "run.dir = \"%s\"\ndata.dev = \"%s\"\n".formatted(folder.resolve("a run"), source));
    }

    private int run(Stage stage, String... arguments) {
        List<String> commandLine = new ArrayList<>(List.of(conf.toString()));
        commandLine.addAll(Arrays.asList(arguments));
        StageOutput output = StageOutput.of(stage, commandLine.toArray(String[]::new));
        out = output.out();
        err = output.err();
        return output.code();
    }

    private Path copy() {
        return folder.resolve("a run/examples/dev");
    }

    @Test
    void aStageEndsWithOneLineThatNamesItsWorkAndItsResult() {
        assertThat(run(new CopyJob())).isZero();
        assertThat(out).startsWith("preprocess: 1 file copied; ").contains("peak memory", copy().toString());
        assertThat(out.lines()).hasSize(1);
        assertThat(copy()).hasContent("one");
        assertThat(folder.resolve("a run/experiment.conf")).content().contains("train.seed = \"42\"");
    }

    @Test
    void anUnchangedStageIsSkippedAndForceRedoesIt() {
        run(new CopyJob());
        assertThat(run(new CopyJob())).isZero();
        assertThat(out).isEqualTo("preprocess: up to date (" + copy() + ")\n");
        run(new CopyJob(), "--force");
        assertThat(out).contains("1 file copied");
    }

    @Test
    void aChangedInputOrSettingOrOutputIsRedoneAndAnotherSettingIsNot() throws IOException {
        run(new CopyJob());
        run(new CopyJob(), "train.seed=1");
        assertThat(out).contains("1 file copied");
        assertThat(err).isEqualTo("preprocess: examples/dev is made again: train.seed changed: 1, was 42\n");
        run(new CopyJob(), "train.seed=1", "train.batch=3");
        assertThat(out).contains("up to date");
        Files.writeString(source, "two");
        run(new CopyJob(), "train.seed=1");
        assertThat(copy()).hasContent("two");
        assertThat(err).isEqualTo("preprocess: examples/dev is made again: data.dev: contents changed\n");
        Files.writeString(copy(), "tampered with");
        run(new CopyJob(), "train.seed=1");
        assertThat(copy()).hasContent("two");
        CopyJob another = new CopyJob();
        another.digest = "1".repeat(64);
        run(another, "train.seed=1");
        assertThat(err).isEqualTo("preprocess: examples/dev is made again: tokenizer changed\n");
    }

    @Test
    void aFailureLeavesNoPartialOutputAndTheEarlierResultIsNotComplete() throws IOException {
        run(new CopyJob());
        Files.writeString(source, "two");
        Stage failing = new FailingJob("No space left on device");
        assertThat(run(failing)).isEqualTo(1);
        assertThat(err.lines())
                .hasSize(2)
                .last()
                .asString()
                .startsWith("preprocess: no space left on the disk of ")
                .contains("run.dir");
        assertThat(copy().resolveSibling("dev.partial")).doesNotExist();
        run(new CopyJob());
        assertThat(out).contains("1 file copied");
    }

    /** Fails in the middle of writing. */
    @Command(name = "preprocess", description = "Fails.")
    static class FailingJob extends CopyJob {
        private final String message;

        FailingJob(String message) {
            this.message = message;
        }

        @Override
        void write(Path from, Path to) throws IOException {
            Files.writeString(to, "hal");
            throw new IOException(message);
        }
    }

    /** Opens a network for which its device has no memory. */
    @Command(name = "decode", description = "Lacks memory.")
    static class LargeNetworkJob extends Stage {
        @Override
        protected void work(StageRun run) {
            throw OutOfMemory.of(new EngineException("CUDA out of memory. Tried to allocate 2.00 GiB.\n at"))
                    .orElseThrow();
        }
    }

    @Test
    void aDeviceWithoutMemoryForTheNetworkIsToldInOneLine() {
        assertThat(run(new LargeNetworkJob())).isEqualTo(1);
        assertThat(err)
                .startsWith(
                        "decode: the device's memory does not hold the network (CUDA out of memory. Tried to allocate 2.00 GiB.); free memory")
                .hasLineCount(1);
    }

    /** Meets bad input in a Spark task. */
    @Command(name = "decode", description = "Fails in a task.")
    static class FailingTaskJob extends Stage {
        @Override
        protected void work(StageRun run) {
            run.spark().range(1).foreach((ForeachFunction<Long>) row -> {
                throw new UserError("dev.json: question 7 is broken");
            });
        }
    }

    @Test
    void anErrorInATaskIsPrintedAsItsMessageOnly() {
        int code = run(new FailingTaskJob(), "--master", "local[1]", "spark.ui.enabled=false");
        assertThat(code).isEqualTo(1);
        assertThat(err).startsWith("decode: dev.json: question 7 is broken (details: ");
        assertThat(err.lines()).hasSize(1);
        assertThat(folder.resolve("a run/logs/decode.log")).content().contains("UserError", "SparkContext");
    }

    /** Needs what another stage makes. */
    @Command(name = "train", description = "Needs examples.")
    static class NeedyJob extends Stage {
        @Override
        protected void work(StageRun run) throws Exception {
            run.step("model")
                    .reads(run.folder().examples("dev"))
                    .makes(run.folder().model())
                    .by(staging -> {
                        Files.createDirectory(staging.apply(run.folder().model()));
                        return "made";
                    });
        }
    }

    @Test
    void anIncompleteInputIsRefusedWithTheNameOfItsStage() throws IOException {
        Files.createDirectories(copy());
        assertThat(run(new NeedyJob())).isEqualTo(1);
        assertThat(err).contains("not complete; run jobs/preprocess.sh");
        Files.delete(copy());
        run(new CopyJob());
        assertThat(run(new NeedyJob())).isZero();
    }

    @Test
    void outputsOfEarlierInputsAreStaleUntilTheyAreMadeAgain() throws IOException {
        run(new CopyJob());
        run(new NeedyJob());
        Files.writeString(source, "two");
        run(new CopyJob());
        assertThat(err).contains("warning: stale in ", "model (examples/dev was made again)", "jobs/pipeline.sh");
        RunFolder made = new RunFolder(folder.resolve("a run"));
        assertThat(new StaleOutputs(made).why(made.model())).contains("examples/dev was made again");
        assertThat(new StaleOutputs(made).why(copy())).isEmpty();
        run(new NeedyJob());
        assertThat(err).doesNotContain("stale");
        Files.writeString(source, "three");
        assertThat(new StaleOutputs(made).why(made.model())).contains(source + " has changed");
    }

    @Test
    void aMovedRunFolderStillKnowsWhatIsStale() throws IOException {
        run(new CopyJob());
        run(new NeedyJob());
        Path moved = Files.move(folder.resolve("a run"), folder.resolve("moved"));
        assertThat(run(new NeedyJob(), "run.dir=" + moved)).isZero();
        assertThat(out).startsWith("train: up to date");

        Files.writeString(source, "two");
        run(new CopyJob(), "run.dir=" + moved);
        assertThat(err).contains("stale in " + moved + ": model (examples/dev was made again)");
        run(new CopyJob());
        assertThat(new StaleOutputs(new RunFolder(moved)).why(moved.resolve("model")))
                .contains("examples/dev was made again");
    }

    /** Makes answers from examples, or scores from both. */
    @Command(name = "decode", description = "Makes answers or scores.")
    static class ScoreJob extends Stage {
        private final boolean scores;

        ScoreJob(boolean scores) {
            this.scores = scores;
        }

        @Override
        protected void work(StageRun run) throws Exception {
            Path examples = run.folder().examples("dev");
            Path answers = run.folder().predictions("dev");
            Path output = scores ? run.folder().metrics("dev") : answers;
            CachedStep step = run.step(scores ? "evaluate" : "decode").reads(examples);
            (scores ? step.reads(answers) : step).makes(output).by(staging -> {
                Files.copy(examples, staging.apply(output));
                return "made";
            });
        }
    }

    @Test
    void answersToOtherQuestionsAreNotScored() throws IOException {
        run(new CopyJob());
        run(new ScoreJob(false));
        assertThat(run(new ScoreJob(true))).isZero();
        Files.writeString(source, "two");
        run(new CopyJob());

        assertThat(run(new ScoreJob(true), "--force")).isEqualTo(1);
        assertThat(err).contains("predictions.json was made before the present examples/dev; run jobs/pipeline.sh");
        run(new ScoreJob(false));
        assertThat(run(new ScoreJob(true))).isZero();
    }

    @Test
    void whatNoStageHasMadeIsNotReplacedInANewRunFolder() throws IOException {
        Path mine = Files.writeString(Files.createDirectories(copy()).resolve("mine.txt"), "mine");
        for (String[] arguments : List.of(new String[] {}, new String[] {"--force"})) {
            assertThat(run(new CopyJob(), arguments)).isEqualTo(1);
            assertThat(err).contains(copy() + " exists, but no stage has made it", "move it elsewhere");
        }
        assertThat(mine).hasContent("mine");
    }

    @Test
    void dataMayLieInTheRunFolder() throws IOException {
        Path inside = Files.createDirectories(folder.resolve("a run/data")).resolve("dev.json");
        Files.writeString(inside, "inside");
        assertThat(run(new CopyJob(), "data.dev=" + inside)).as(err).isZero();
        assertThat(err).isEmpty();
        Files.writeString(inside, "other");
        assertThat(new StaleOutputs(new RunFolder(folder.resolve("a run"))).why(copy()))
                .contains(inside + " has changed");
    }

    @Test
    void theSavedSettingsReproduceTheRun() {
        run(
                new CopyJob(),
                "train.seed=1",
                "train.token_budget=99",
                "decode.batch_tokens=77",
                "spark.a.password=geheim");
        Path saved = folder.resolve("a run/experiment.conf");
        assertThat(saved).content().contains("train.token_budget = \"99\"").doesNotContain("geheim");
        StageOutput output = StageOutput.of(new CopyJob(), saved.toString());
        assertThat(output.out()).contains("up to date");
        assertThat(saved).content().contains("decode.batch_tokens = \"77\"");
    }

    /** Runs the same step a second time while it works. */
    @Command(name = "preprocess", description = "Runs twice at a time.")
    class MeetingJob extends CopyJob {
        @Override
        void write(Path from, Path to) throws IOException {
            assertThat(StageOutput.of(new CopyJob(), conf.toString()).err())
                    .contains("another process is making examples-dev right now");
            super.write(from, to);
        }
    }

    @Test
    void twoProcessesDoNotMakeTheSameStepAtATime() {
        assertThat(run(new MeetingJob())).isZero();
        assertThat(copy()).hasContent("one");
    }

    @Test
    void leftoversOfAKilledRunAreDeletedAndNeverRead() throws IOException {
        Path torn = Files.createDirectories(copy().resolveSibling("dev.partial/deep"));
        assertThat(run(new CopyJob())).isZero();
        assertThat(torn).doesNotExist();
        assertThat(copy()).hasContent("one");
    }

    @Test
    void anotherNameForTheSameContentDoesNotCountAsAChange() throws IOException {
        run(new CopyJob());
        Path moved = Files.move(source, folder.resolve("moved.json"));
        run(new CopyJob(), "data.dev=" + moved);
        assertThat(out).contains("up to date");
    }

    @Test
    void anyManifestIsReadOrRefusedByName() throws Exception {
        run(new CopyJob());
        Path manifest = folder.resolve("a run/manifests/examples-dev.json");
        Mutations.check(manifest, Files.readAllBytes(manifest), Mutations::json, file -> {
            new CompletedOutputs(new RunFolder(folder.resolve("a run"))).contains(copy());
            new StaleOutputs(new RunFolder(folder.resolve("a run"))).why(copy());
        });
        Files.writeString(manifest, "null");
        assertThat(run(new CopyJob())).isEqualTo(1);
        assertThat(err).contains("examples-dev.json: not a manifest", "delete it");
    }

    @Test
    void aRunFolderThatCannotBeWrittenIsNamedWithTheReason() throws IOException {
        Path other = Files.createDirectory(folder.resolve("other"));
        Path logs = Files.writeString(other.resolve("logs"), "");
        assertThat(run(new CopyJob(), "run.dir=" + other)).isEqualTo(1);
        assertThat(err).contains("preprocess.log: can't be written: there is a file, but a folder is needed (" + logs);
    }

    @Test
    void aFolderWhoseLinkLeadsBackIsNamed() throws IOException {
        Path data = Files.createDirectory(folder.resolve("data"));
        Files.createSymbolicLink(data.resolve("again"), data);
        assertThat(run(new CopyJob(), "data.dev=" + data)).isEqualTo(1);
        assertThat(err).contains(data + ": can't be read: a link leads back to its own folder");
    }

    @Test
    void aMissingInputIsNamed() throws IOException {
        Files.delete(source);
        assertThat(run(new CopyJob())).isEqualTo(1);
        assertThat(err).contains("dev.json: no such file or folder");
    }

    @Test
    void theRunFolderRemembersWhatRanInItButNotWhatWasUpToDate() throws IOException {
        run(new CopyJob());
        run(new CopyJob());
        Files.delete(source);
        run(new CopyJob());
        List<JsonNode> history = new StageHistory(new RunFolder(folder.resolve("a run"))).lines();
        assertThat(history).extracting(line -> line.get("state").asText()).containsExactly("done", "failed");
        JsonNode first = history.get(0);
        assertThat(first.get("stage").asText()).isEqualTo("preprocess");
        assertThat(first.get("summary").asText()).isEqualTo("1 file copied");
        assertThat(first.get("seconds").asDouble()).isNotNegative();
        assertThat(first.get("peak_memory_mb").asInt()).isPositive();
        assertThat(first.at("/hardware/cores").asInt()).isPositive();
        assertThat(first.at("/versions/Spark").asText()).startsWith("3.5");
    }

    @Test
    void wrongUseEndsWithTwo() {
        assertThat(run(new CopyJob(), "train.bach=1")).isEqualTo(2);
        assertThat(err).contains("did you mean train.batch?");
        assertThat(run(new CopyJob(), "--fast")).isEqualTo(2);
        assertThat(err).contains("--fast", "--help");
        assertThat(run(new CopyJob(), "--learning_rate", "1e-5", "--max_seq_length=384"))
                .isEqualTo(2);
        assertThat(err).contains("run_qa.py: here it is train.lr", "here it is features.max_length");
        assertThat(folder.resolve("a run")).doesNotExist();
    }

    @Test
    void helpIsPrintedOnStdout() {
        assertThat(run(new CopyJob(), "--help")).isZero();
        assertThat(out).contains("preprocess", "CONF", "--force", "--master");
    }
}
