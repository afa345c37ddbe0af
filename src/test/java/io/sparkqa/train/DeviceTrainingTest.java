package io.sparkqa.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.Device;
import ai.djl.ndarray.BaseNDManager;
import ai.djl.ndarray.NDManager;
import io.sparkqa.config.Experiment;
import io.sparkqa.config.TokenBudget;
import io.sparkqa.config.UserError;
import io.sparkqa.decode.LogitsRunner;
import io.sparkqa.model.MicroBatch;
import io.sparkqa.model.RobertaForQuestionAnswering;
import io.sparkqa.model.TinyNetwork;
import io.sparkqa.window.Window;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Training on a device that computes as a GPU does: here the CPU itself, in {@link GpuTrainingTest} a GPU. */
class DeviceTrainingTest {
    private static final int STEPS = 9;

    @TempDir
    Path folder;

    Device device() {
        return Device.cpu();
    }

    @Test
    void anInterruptedRunEndsWithTheSameBitsAsAnUninterruptedOne() throws IOException {
        byte[] undisturbed = train(folder.resolve("undisturbed"), STEPS, Integer.MAX_VALUE);
        assertThatThrownBy(() -> train(folder.resolve("killed"), STEPS, 5)).isInstanceOf(Killed.class);
        assertThat(train(folder.resolve("killed"), STEPS, Integer.MAX_VALUE)).isEqualTo(undisturbed);
    }

    @Test
    void aLongTrainingHoldsNoMoreThanAShortOne() {
        try (RobertaForQuestionAnswering network = network()) {
            Trainer trainer = trainer(network);
            LongSupplier held = held(network);
            steps(trainer, network, 0, 20);
            long afterTwenty = held.getAsLong();
            steps(trainer, network, 20, longTraining());
            assertThat(held.getAsLong()).isLessThanOrEqualTo(afterTwenty + held.getAsLong() / 50);
        }
    }

    @Test
    void aStepForWhichThereIsNoMemoryNamesTheTokenBudget() {
        try (RobertaForQuestionAnswering network = withoutRoom()) {
            List<MicroBatch> large = List.of(dropout(network, microBatch(network, large(), 7), 0));
            Trainer trainer = trainer(network);
            assertThatThrownBy(() -> trainer.step(0, 1, new StepInput(large, 0, () -> {}))
                            .figures())
                    .isInstanceOf(UserError.class)
                    .hasMessageContainingAll(
                            "training stopped at step 1",
                            "does not hold a micro-batch of " + large.get(0).tokens() + " tokens",
                            "set train.token_budget to fewer, such as "
                                    + large.get(0).tokens() / 2)
                    .hasMessageNotContaining("\n");
        }
    }

    @Test
    void aForwardPassForWhichThereIsNoMemoryNamesTheBatchOfDecode() {
        try (RobertaForQuestionAnswering network = withoutRoom()) {
            List<Window> windows = IntStream.range(0, large())
                    .mapToObj(i -> TinyWindows.table().get(i % 24))
                    .toList();
            LogitsRunner runner = new LogitsRunner(network, Integer.MAX_VALUE);
            assertThatThrownBy(() -> runner.run(windows, (window, start, end) -> {}))
                    .isInstanceOf(UserError.class)
                    .hasMessageContaining("set decode.batch_tokens to fewer, such as ");
        }
    }

    /** Each process trains the same network and prints a digest of its weights. */
    @Test
    void severalProcessesShareADevice() throws Exception {
        String kind = device().isGpu() ? "gpu" : "cpu";
        List<Process> processes = new ArrayList<>();
        Set<String> printed = new HashSet<>();
        try {
            for (int i = 0; i < 2; i++) {
                processes.add(new ProcessBuilder(
                                ProcessHandle.current().info().command().orElseThrow(),
                                "-Xmx512m",
                                "-XX:TieredStopAtLevel=1",
                                "-Dai.djl.offline=true",
                                "-cp",
                                System.getProperty("java.class.path"),
                                Trained.class.getName(),
                                kind,
                                folder.resolve("process-" + i).toString())
                        .redirectError(ProcessBuilder.Redirect.DISCARD)
                        .start());
            }
            for (Process process : processes) {
                printed.add(new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip());
                assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
                assertThat(process.exitValue()).isZero();
            }
        } finally {
            processes.forEach(Process::destroyForcibly);
        }
        assertThat(printed).hasSize(1).allMatch(line -> line.matches("trained -?\\d+"));
    }

    /** The program of {@link #severalProcessesShareADevice}. */
    static final class Trained {
        private Trained() {}

        public static void main(String[] arguments) throws IOException {
            DeviceTrainingTest test = arguments[0].equals("gpu") ? new GpuTrainingTest() : new DeviceTrainingTest();
            byte[] weights = test.train(Path.of(arguments[1]), 20, Integer.MAX_VALUE);
            System.out.println("trained " + Arrays.hashCode(weights));
        }
    }

    /** Returns the number of steps of a long training. */
    int longTraining() {
        return 60;
    }

    /** Returns what tells how much is held: on a CPU the number of arrays that nobody has closed. */
    LongSupplier held(RobertaForQuestionAnswering network) {
        return () -> arrays(network.manager()) + arrays(network.host());
    }

    private static long arrays(NDManager manager) {
        return ((BaseNDManager) manager).getManagedArrays().size();
    }

    /** Returns a network for which the device's memory is too small. */
    RobertaForQuestionAnswering withoutRoom() {
        return TinyNetwork.openTooLarge();
    }

    /** Returns the windows of a micro-batch for which there is no memory. */
    int large() {
        return 24;
    }

    RobertaForQuestionAnswering network() {
        return TinyNetwork.openAsOnGpu(device(), 0.1, true);
    }

    private static Trainer trainer(RobertaForQuestionAnswering network) {
        return new Trainer(settings(1000), network, RunLength.of(settings(1000), 24));
    }

    /** Makes steps with windows of ever other lengths and reads their figures. */
    private static void steps(Trainer trainer, RobertaForQuestionAnswering network, int from, int to) {
        for (int step = from; step < to; step++) {
            List<MicroBatch> batches = List.of(
                    dropout(network, microBatch(network, 6, step), step),
                    dropout(network, microBatch(network, 4, step + 1), step));
            Trainer.Pending pending = trainer.step(step, step + 1, new StepInput(batches, 0, () -> {}));
            assertThat(pending.figures().isFinite()).isTrue();
        }
    }

    private static MicroBatch dropout(RobertaForQuestionAnswering network, MicroBatch batch, long step) {
        return network.withDropout(batch, step, ByteBuffer::allocateDirect);
    }

    private static MicroBatch microBatch(RobertaForQuestionAnswering network, int windows, long seed) {
        SplittableRandom random = new SplittableRandom(seed);
        List<MicroBatch.Row> rows = random.ints(windows, 8, 36)
                .sorted()
                .mapToObj(
                        length -> new MicroBatch.Row(random.ints(length, 4, 60).toArray(), 3, 5, 0))
                .toList();
        return MicroBatch.of(network.batching(), rows, 0, 0.1f, 0.1f);
    }

    /** Trains a fresh network and returns its weights; an exception ends the run after {@code killedAfter} steps. */
    private byte[] train(Path into, int steps, int killedAfter) throws IOException {
        Checkpoints checkpoints = new Checkpoints(into, 2, Map.of(), warning -> {});
        TrainingListener killer = new TrainingListener() {
            @Override
            public void stepped(OptimizerStep step) {
                if (step.step() > killedAfter) {
                    throw new Killed();
                }
            }
        };
        try (RobertaForQuestionAnswering network = network()) {
            new TrainingLoop(
                            settings(steps),
                            network,
                            TinyWindows.table(),
                            WindowOrder.shuffled(21),
                            30,
                            checkpoints,
                            new StopRequest(),
                            killer)
                    .run();
        }
        Path last = into.resolve("step-%07d".formatted(steps));
        return Files.readAllBytes(last.resolve(Checkpoints.WEIGHTS));
    }

    private static final class Killed extends RuntimeException {}

    private static Experiment.Train settings(int steps) {
        return new Experiment.Train(
                4,
                2,
                1,
                Optional.of(steps),
                1e-2,
                0.2,
                0.01,
                1,
                Optional.empty(),
                21,
                Experiment.Dtype.BFLOAT16,
                "auto",
                TokenBudget.of(64),
                false,
                4,
                new Experiment.Train.Checkpoint(3, false),
                2,
                1,
                new Experiment.Train.Rounds(1, 1, 0));
    }
}
