package io.sparkqa.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.sparkqa.config.Experiment;
import io.sparkqa.config.TokenBudget;
import io.sparkqa.config.UserError;
import io.sparkqa.model.DropoutMasks;
import io.sparkqa.model.ReferenceModel;
import io.sparkqa.model.RobertaForQuestionAnswering;
import io.sparkqa.model.TinyNetwork;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TrainingLoopTest {
    private static final int STEPS = 9;

    @TempDir
    Path folder;

    private final List<String> warnings = new ArrayList<>();

    /** The number of steps after which a stop is asked for, and after which a weight becomes NaN; -1: never. */
    private int askedAfter = -1;

    private int poisonedAfter = -1;

    @Test
    void anInterruptedRunEndsWithTheSameBitsAsAnUninterruptedOne() throws IOException {
        Map<String, float[]> undisturbed = train(settings(4, 1, 64, 1e-2), "a", Integer.MAX_VALUE);
        for (int killedAfter : new int[] {1, 4, 8}) {
            String name = "killed-" + killedAfter;
            assertThatThrownBy(() -> train(settings(4, 1, 64, 1e-2), name, killedAfter))
                    .isInstanceOf(Killed.class);
            assertSame(train(settings(4, 1, 64, 1e-2), name, Integer.MAX_VALUE), undisturbed, 0);
        }
    }

    @Test
    void theTokenBudgetDoesNotChangeTheResultEvenWithDropout() throws IOException {
        assertSame(
                train(settings(4, 1, 1, 1e-2), "one", Integer.MAX_VALUE),
                train(settings(4, 1, 1000, 1e-2), "all", Integer.MAX_VALUE),
                1e-4f);
    }

    @Test
    void accumulatedBatchesAreOneLargerBatch() throws IOException {
        assertSame(
                train(settings(2, 2, 1000, 1e-2), "two", Integer.MAX_VALUE),
                train(settings(4, 1, 1000, 1e-2), "one", Integer.MAX_VALUE),
                1e-4f);
    }

    @Test
    void aCheckpointWithAFlippedBitIsSkippedForTheOneBefore() throws IOException {
        Map<String, float[]> undisturbed = train(settings(4, 1, 64, 1e-2), "a", Integer.MAX_VALUE);
        assertThatThrownBy(() -> train(settings(4, 1, 64, 1e-2), "b", 5)).isInstanceOf(Killed.class);
        flipABit(folder.resolve("b/step-0000004/optimizer.safetensors"));

        assertSame(train(settings(4, 1, 64, 1e-2), "b", Integer.MAX_VALUE), undisturbed, 0);
        assertThat(warnings)
                .singleElement()
                .asString()
                .contains(
                        "step-0000004 is damaged (optimizer.safetensors is not as",
                        "continues from the checkpoint before it");
    }

    @Test
    void aRunWithoutAnUndamagedCheckpointStartsAnewAndSaysSo() throws IOException {
        Map<String, float[]> undisturbed = train(settings(4, 1, 64, 1e-2), "a", Integer.MAX_VALUE);
        assertThatThrownBy(() -> train(settings(4, 1, 64, 1e-2), "b", 5)).isInstanceOf(Killed.class);
        flipABit(folder.resolve("b/step-0000004/model.safetensors"));
        Files.delete(folder.resolve("b/step-0000002/SHA256SUMS"));

        assertSame(train(settings(4, 1, 64, 1e-2), "b", Integer.MAX_VALUE), undisturbed, 0);
        assertThat(warnings)
                .hasSize(2)
                .last()
                .asString()
                .contains("step-0000002 is damaged", "continues from the beginning");
        assertThat(folder.resolve("b").toFile().list()).containsExactlyInAnyOrder("step-0000008", "step-0000009");
    }

    private static void flipABit(Path file) throws IOException {
        byte[] bytes = Files.readAllBytes(file);
        bytes[bytes.length / 2] ^= 4;
        Files.write(file, bytes);
    }

    @Test
    void aStoppedRunSavesItsLastStepAndResumesBitForBit() throws IOException {
        Map<String, float[]> undisturbed = train(settings(4, 1, 64, 1e-2), "a", Integer.MAX_VALUE);
        for (int askedAt : new int[] {0, 3, 4}) {
            askedAfter = askedAt;
            String name = "asked-at-" + askedAt;
            assertThatThrownBy(() -> train(settings(4, 1, 64, 1e-2), name, Integer.MAX_VALUE))
                    .isInstanceOf(StoppedOnRequest.class)
                    .hasMessageContaining("stopped on request after step %d of 9".formatted(askedAt));
            assertThat(Files.exists(folder.resolve(name + "/step-000000" + askedAt)))
                    .isEqualTo(askedAt > 0);
            askedAfter = -1;
            assertSame(train(settings(4, 1, 64, 1e-2), name, Integer.MAX_VALUE), undisturbed, 0);
        }
    }

    @Test
    void partialFilesOfAKilledRunAreDeleted() throws IOException {
        Path torn = Files.createDirectories(folder.resolve("a/step-0000003.partial"));
        Files.writeString(torn.resolve("model.safetensors"), "half");
        train(settings(4, 1, 64, 1e-2), "a", Integer.MAX_VALUE);
        assertThat(torn).doesNotExist();
    }

    @Test
    void foreignFoldersAreLeftAloneWhateverTheirNames() throws IOException {
        Path run = Files.createDirectories(folder.resolve("a"));
        Path elsewhere = Files.createDirectories(folder.resolve("elsewhere/step-0000001"));
        List<Path> foreign = List.of(
                Files.createDirectories(run.resolve("step-by-step")),
                Files.createDirectories(run.resolve("step-0000003")),
                Files.writeString(
                        Files.createDirectories(run.resolve("step-0000005")).resolve("state.json"), "{}"),
                Files.createDirectories(run.resolve("step-٠٠٠٠٠٠٢")),
                Files.createDirectories(run.resolve("mine.partial")),
                Files.createSymbolicLink(run.resolve("step-0000007"), elsewhere),
                Files.writeString(run.resolve("notes.txt"), "mine"));

        train(settings(4, 1, 64, 1e-2), "a", Integer.MAX_VALUE);
        new Checkpoints(run, 1, Map.of(), warnings::add).clear();

        assertThat(foreign).allSatisfy(path -> assertThat(path).exists());
        assertThat(elsewhere).exists();
        assertThat(run.resolve("step-0000009")).doesNotExist();
        assertThat(warnings).isEmpty();
    }

    @Test
    void aForeignFolderInACheckpointsPlaceIsNamedAndKept() throws IOException {
        Path foreign = Files.createDirectories(folder.resolve("a/step-0000004"));
        assertThatThrownBy(() -> train(settings(4, 1, 64, 1e-2), "a", Integer.MAX_VALUE))
                .isInstanceOf(UserError.class)
                .hasMessageContaining(foreign + ": ")
                .hasMessageContaining("step-0000002");
        assertThat(foreign).exists();
    }

    @Test
    void aRunFromALocaleWithOtherDigitsResumesInAnotherLocale() throws IOException {
        Map<String, float[]> undisturbed = train(settings(4, 1, 64, 1e-2), "a", Integer.MAX_VALUE);
        Locale before = Locale.getDefault();
        try {
            Locale.setDefault(Locale.forLanguageTag("ar-EG-u-nu-arab"));
            assertThatThrownBy(() -> train(settings(4, 1, 64, 1e-2), "b", 5)).isInstanceOf(Killed.class);
        } finally {
            Locale.setDefault(before);
        }
        assertThat(folder.resolve("b").toFile().list()).containsExactlyInAnyOrder("step-0000002", "step-0000004");
        assertSame(train(settings(4, 1, 64, 1e-2), "b", Integer.MAX_VALUE), undisturbed, 0);
    }

    @Test
    void anUnfinishedRunIsNotResumedWithOtherSettings() {
        assertThatThrownBy(() -> train(settings(4, 1, 64, 1e-2), "a", 5)).isInstanceOf(Killed.class);
        assertThatThrownBy(() -> train(settings(4, 1, 64, 2e-2), "a", 5))
                .isInstanceOf(UserError.class)
                .hasMessageContaining("train.lr: 0.01 → 0.02")
                .hasMessageContaining("--force");
    }

    @Test
    void aSettingLeftToTheDeviceKeepsTheValueOfTheUnfinishedRun() throws IOException {
        Map<String, String> decisive = Map.of("train.lr", "0.01");
        Path run = folder.resolve("a");
        Checkpoints first = new Checkpoints(run, 1, decisive, warnings::add);
        assertThat(first.settle("train.token_budget", "4096")).isEqualTo("4096");
        first.save(new Checkpoints.Position(1, 0, 1, false), staging -> {});

        Checkpoints resumed = new Checkpoints(run, 1, decisive, warnings::add);
        assertThat(resumed.settle("train.token_budget", "65536")).isEqualTo("4096");
        resumed.save(new Checkpoints.Position(2, 1, 0, true), staging -> {});

        assertThat(new Checkpoints(run, 1, decisive, warnings::add).settle("train.token_budget", "65536"))
                .isEqualTo("4096");
    }

    @Test
    void aFinishedRunIsNotReplacedByOneWithOtherSettings() throws IOException {
        Map<String, float[]> finished = train(settings(4, 1, 64, 1e-2), "a", Integer.MAX_VALUE);
        assertThatThrownBy(() -> train(settings(4, 1, 64, 2e-2), "a", Integer.MAX_VALUE))
                .isInstanceOf(UserError.class)
                .hasMessageContaining("a finished run with other settings (then → now): train.lr: 0.01 → 0.02")
                .hasMessageContaining("--force");
        assertSame(train(settings(4, 1, 64, 1e-2), "a", 0), finished, 0);
    }

    @Test
    void onlyTheNewestCheckpointsStay() throws IOException {
        train(settings(4, 1, 64, 1e-2), "a", Integer.MAX_VALUE);
        assertThat(folder.resolve("a").toFile().list()).containsExactlyInAnyOrder("step-0000008", "step-0000009");
    }

    @Test
    void aLossThatIsNotFiniteStopsTheRunAndNamesStepWindowsAndCheckpoint() {
        poisonedAfter = 3;
        int[] order = WindowOrder.shuffled(21).of(24, 0);
        assertThatThrownBy(() -> train(settings(4, 1, 64, 1e-2), "a", Integer.MAX_VALUE))
                .isInstanceOf(UserError.class)
                .hasMessageContaining("stopped at step 4: the loss is NaN")
                .hasMessageContaining("q%d/0, q%d/0, q%d/0, q%d/0;", order[12], order[13], order[14], order[15])
                .hasMessageContaining("the last good checkpoint is " + folder.resolve("a/step-0000002"));
    }

    /** Trains a fresh network; an exception ends the run if it does more than {@code killedAfter} steps. */
    private Map<String, float[]> train(Experiment.Train settings, String name, int killedAfter) throws IOException {
        DropoutMasks dropout = new DropoutMasks(TinyNetwork.config(), settings.seed(), 0.1, 0.1);
        Map<String, String> decisive = Map.of("train.lr", Double.toString(settings.lr()));
        Checkpoints checkpoints = new Checkpoints(folder.resolve(name), settings.keep(), decisive, warnings::add);
        StopRequest stop = new StopRequest();
        try (RobertaForQuestionAnswering network = TinyNetwork.open(dropout)) {
            TrainingListener disturber = new TrainingListener() {
                @Override
                public void started(long done, long steps) {
                    stepped(done);
                }

                @Override
                public void stepped(OptimizerStep step) {
                    if (step.step() > killedAfter) {
                        throw new Killed();
                    }
                    stepped(step.step());
                }

                private void stepped(long done) {
                    if (done == askedAfter) {
                        stop.make();
                    }
                    if (done == poisonedAfter) {
                        network.parameters()
                                .get(network.parameters().size() - 1)
                                .set(new float[] {Float.NaN, Float.NaN});
                    }
                }
            };
            new TrainingLoop(
                            settings,
                            network,
                            TinyWindows.table(),
                            WindowOrder.shuffled(settings.seed()),
                            30,
                            checkpoints,
                            stop,
                            disturber)
                    .run();
            Map<String, float[]> end = new LinkedHashMap<>();
            network.tensors().forEach((parameter, tensor) -> end.put(parameter, ReferenceModel.floats(tensor)));
            return end;
        }
    }

    private static final class Killed extends RuntimeException {}

    private static Experiment.Train settings(int batch, int accumulation, int tokenBudget, double lr) {
        return new Experiment.Train(
                batch,
                accumulation,
                1,
                Optional.of(STEPS),
                lr,
                0.2,
                0.01,
                1,
                Optional.empty(),
                21,
                Experiment.Dtype.FLOAT32,
                "cpu",
                TokenBudget.of(tokenBudget),
                false,
                1,
                new Experiment.Train.Checkpoint(2, false),
                2,
                1,
                new Experiment.Train.Rounds(1, 1, 0));
    }

    /** Parameters whose gradient is zero except for rounding, which Adam scales up to steps of ordinary size. */
    private static final List<String> NOISE = List.of("key.bias", "layer.1.output.LayerNorm.bias", "qa_outputs.bias");

    private static void assertSame(Map<String, float[]> actual, Map<String, float[]> expected, float tolerance) {
        expected.forEach((name, values) -> {
            if (tolerance == 0 || NOISE.stream().noneMatch(name::endsWith)) {
                assertThat(actual.get(name)).as(name).containsExactly(values, within(tolerance));
            }
        });
    }
}
