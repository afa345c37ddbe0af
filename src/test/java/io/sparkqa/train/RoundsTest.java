package io.sparkqa.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.Device;
import io.sparkqa.config.Experiment;
import io.sparkqa.config.ExperimentReader;
import io.sparkqa.config.TokenBudget;
import io.sparkqa.decode.WindowLogits;
import io.sparkqa.model.ModelFolder;
import io.sparkqa.model.RobertaForQuestionAnswering;
import io.sparkqa.model.TinyNetwork;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RoundsTest {
    private static final int STEPS = 17;

    @TempDir
    Path folder;

    private final List<String> warnings = new ArrayList<>();
    private final List<Long> stepsDone = new ArrayList<>();
    private final List<Long> evaluatedAfter = new ArrayList<>();

    @Test
    void oneReplicaWithPlainAveragingMatchesThePlainLoopBitForBit() throws Exception {
        Experiment experiment = experiment(1);
        try (RobertaForQuestionAnswering network = network(experiment)) {
            new TrainingLoop(
                            experiment.train(),
                            network,
                            TinyWindows.table(),
                            WindowOrder.shuffled(21),
                            30,
                            checkpoints("plain"),
                            new StopRequest(),
                            listener())
                    .run();
            assertSame(train(1, "rounds", replicas(1)), weights(network));
        }
    }

    @Test
    void replicasShareTheStepsAndEndTogether() throws Exception {
        List<byte[]> three = train(3, "three", replicas(3));
        assertThat(stepsDone)
                .containsExactlyInAnyOrderElementsOf(
                        LongStream.rangeClosed(1, STEPS).boxed().toList());
        // a round has 6 steps, and so has an epoch
        assertThat(evaluatedAfter).containsExactly(0L, 6L, 12L, 17L);
        assertThat(three.get(0)).isNotEqualTo(train(1, "one", replicas(1)).get(0));
    }

    @Test
    void anEpochThatEndsWithinARoundIsEvaluatedAfterIt() throws Exception {
        train(2, "two", replicas(2));
        assertThat(evaluatedAfter).containsExactly(0L, 8L, 12L, 17L);
    }

    @Test
    void aLostReplicaIsReplacedAndTheWeightsAreTheSame() throws Exception {
        List<byte[]> undisturbed = train(2, "a", replicas(2));
        Replicas both = replicas(2);
        Replicas losing = (round, weights) -> {
            if (round.from() == 8) {
                both.round(round, weights); // the result is lost with the process
                return replicas(2).round(round, weights);
            }
            return round.from() > 8 ? replicas(2).round(round, weights) : both.round(round, weights);
        };
        assertSame(train(2, "b", losing), undisturbed);
    }

    @Test
    void aRestartedRunResumesAtItsRoundBitForBit() throws Exception {
        List<byte[]> undisturbed = train(2, "a", replicas(2));
        for (long lostAt : new long[] {0, 4, 16}) {
            String name = "lost-at-" + lostAt;
            Replicas all = replicas(2);
            Replicas lost = (round, weights) -> {
                Replicas.Exchange exchange = all.round(round, weights);
                if (round.from() == lostAt) {
                    throw new IOException("the driver is gone");
                }
                return exchange;
            };
            assertThatThrownBy(() -> train(2, name, lost)).hasMessage("the driver is gone");
            assertSame(train(2, name, replicas(2)), undisturbed);
        }
    }

    @Test
    void damagedMomentsOfAReplicaSendTheRunBackOneRound() throws Exception {
        List<byte[]> undisturbed = train(2, "a", replicas(2));
        Replicas all = replicas(2);
        assertThatThrownBy(() -> train(2, "b", (round, weights) -> {
                    if (round.from() == 12) {
                        throw new IOException("gone");
                    }
                    return all.round(round, weights);
                }))
                .hasMessage("gone");
        Path moments = folder.resolve("b/step-0000012/replica-1/optimizer.safetensors");
        byte[] bytes = Files.readAllBytes(moments);
        bytes[bytes.length - 1] ^= 1;
        Files.write(moments, bytes);

        assertSame(train(2, "b", replicas(2)), undisturbed);
        assertThat(warnings)
                .singleElement()
                .asString()
                .contains("step-0000012 is damaged (replica-1/optimizer.safetensors is not as");
        assertThat(folder.resolve("b").toFile().list()).containsExactlyInAnyOrder("step-0000016", "step-0000017");
    }

    /** Returns replicas that work in this process, one after the other. */
    private Replicas replicas(int count) {
        List<Replica> replicas = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            replicas.add(
                    new Replica(i, experiment(count), TinyNetwork.config(), Device.cpu(), 1e9, TinyWindows.table()));
        }
        return (round, weights) -> {
            List<List<byte[]>> ends = new ArrayList<>();
            List<Replicas.Report> reports = new ArrayList<>();
            for (Replica replica : replicas) {
                String attempt = "attempt-" + System.nanoTime();
                reports.add(replica.run(round, weights, attempt, "", step -> {}));
                ends.add(replica.weights());
            }
            reports.forEach(report -> report.steps().forEach(step -> stepsDone.add(step.step())));
            List<byte[]> mean = new ArrayList<>();
            for (int i = 0; i < weights.size(); i++) {
                int parameter = i;
                mean.add(Replica.mean(
                        ends.stream().map(end -> end.get(parameter)).toList()));
            }
            return new Replicas.Exchange(mean, reports);
        };
    }

    private List<byte[]> train(int count, String run, Replicas replicas) throws Exception {
        Experiment experiment = experiment(count);
        try (RobertaForQuestionAnswering network = network(experiment)) {
            new Rounds(
                            experiment.train(),
                            network,
                            24,
                            checkpoints(run),
                            replicas,
                            RoundsTest::logits,
                            new StopRequest(),
                            listener())
                    .run();
            return weights(network);
        }
    }

    /** Stands for the replicas' logits, which this test's listener does not ask for. */
    private static WindowLogits logits(List<byte[]> weights) {
        throw new AssertionError();
    }

    private static RobertaForQuestionAnswering network(Experiment experiment) {
        return Trainer.network(experiment.train(), ModelFolder.random(TinyNetwork.config(), 7), Device.cpu());
    }

    private Checkpoints checkpoints(String run) {
        return new Checkpoints(folder.resolve(run), 2, Map.of(), warnings::add);
    }

    private static List<byte[]> weights(RobertaForQuestionAnswering network) {
        return PackedWeights.pack(network.tensors().values());
    }

    private static void assertSame(List<byte[]> actual, List<byte[]> expected) {
        for (int i = 0; i < expected.size(); i++) {
            assertThat(actual.get(i)).isEqualTo(expected.get(i));
        }
    }

    private TrainingListener listener() {
        return new TrainingListener() {
            @Override
            public void epochEnded(double epochs, long step, Function<TokenBudget, WindowLogits> network) {
                evaluatedAfter.add(step);
            }
        };
    }

    /** Returns settings for 24 windows in batches of 4 and for rounds of two steps of each replica. */
    private static Experiment experiment(int replicas) {
        Map<String, String> settings = new TreeMap<>(Map.of(
                "run.dir", "x",
                "train.batch", "4",
                "train.max_steps", Integer.toString(STEPS),
                "train.lr", "1e-2",
                "train.seed", "21",
                "train.dtype", "float32",
                "train.device", "cpu",
                "train.replicas", Integer.toString(replicas),
                "train.rounds.steps", "2"));
        if (replicas == 1) {
            settings.put("train.rounds.lr", "1");
            settings.put("train.rounds.momentum", "0");
        }
        return ExperimentReader.of(settings);
    }
}
