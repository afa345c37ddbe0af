package io.sparkqa.train;

import ai.djl.Device;
import io.sparkqa.config.Experiment;
import io.sparkqa.files.WholeFolder;
import io.sparkqa.model.ModelFolder;
import io.sparkqa.model.RobertaConfig;
import io.sparkqa.model.RobertaForQuestionAnswering;
import io.sparkqa.window.WindowTable;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.LongConsumer;

/**
 * One of the networks that train side by side. Its optimizer's moments are its own and stay with it from round to round;
 * after each round it leaves a copy in the run folder. Whoever takes its place, since its process is lost or the run was
 * started again, goes on from the copy of the round before, and comes to the same weights.
 */
public final class Replica implements AutoCloseable {
    private final int index;
    private final RobertaForQuestionAnswering network;
    private final WindowTable windows;
    private final TrainingLoop loop;
    private final List<TrainingLoop.Step> steps = new ArrayList<>();
    private LongConsumer stepDone = step -> {};

    /** The step that the moments belong to; -1: none. */
    private long momentsOf = -1;

    /**
     * Opens a replica.
     *
     * @param index from 0
     * @param windows of training; closed with the replica
     * @param checkpoints folder of the whole run's
     */
    public Replica(
            int index,
            Experiment experiment,
            RobertaConfig config,
            Device device,
            WindowTable windows,
            Path checkpoints) {
        this.index = index;
        this.windows = windows;
        this.network = TrainingLoop.network(experiment.train(), ModelFolder.zeros(config), device);
        this.loop = new TrainingLoop(
                experiment.train(),
                network,
                windows,
                WindowOrder.shuffled(experiment.train().seed()),
                experiment.features().maxLength(),
                new Checkpoints(checkpoints, 1, Map.of(), warning -> {}),
                new StopRequest(),
                listener());
    }

    private TrainingLoop.Listener listener() {
        return new TrainingLoop.Listener() {
            @Override
            public void started(long done, long all) {}

            @Override
            public void stepped(TrainingLoop.Step step) {
                steps.add(step);
                stepDone.accept(step.step());
            }

            @Override
            public void epochEnded(double epochs, long step) {}
        };
    }

    /**
     * Does this replica's share of a round.
     *
     * @param weights to start from, packed
     * @param attempt tells two tasks apart that do the same, so that neither writes into the other's folder
     * @param stepDone called after each step
     */
    public synchronized Replicas.Report run(
            Round round, List<byte[]> weights, String attempt, String place, LongConsumer stepDone) throws IOException {
        this.stepDone = stepDone;
        steps.clear();
        network.restore(PackedWeights.unpack(weights, network.config().tensors()));
        long begun = System.nanoTime();
        if (round.from() == 0) {
            loop.optimizer().reset();
        } else if (momentsOf != round.from()) {
            loop.optimizer().read(Path.of(round.before(), name()));
        }
        momentsOf = -1;
        long ready = System.nanoTime();
        loop.runShare(round.from() + index, round.to(), round.replicas());
        long trained = System.nanoTime();
        Path moments = Path.of(round.after(), attempt, name());
        WholeFolder.write(moments, loop.optimizer()::write);
        momentsOf = round.to();
        return new Replicas.Report(
                index,
                moments.toString(),
                place,
                List.copyOf(steps),
                (trained - ready) / 1e6,
                (ready - begun + System.nanoTime() - trained) / 1e6);
    }

    private String name() {
        return folder(index);
    }

    /** Name of the folder of a replica's moments in a checkpoint. */
    static String folder(int index) {
        return "replica-" + index;
    }

    /** The weights, packed. */
    public List<byte[]> weights() {
        return PackedWeights.pack(network.tensors().values());
    }

    /** The mean of a parameter over the replicas, given in their order. */
    public static byte[] mean(List<byte[]> values) {
        return PackedWeights.mean(values);
    }

    @Override
    public void close() {
        network.close();
        windows.close();
    }
}
