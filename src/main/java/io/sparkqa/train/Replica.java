package io.sparkqa.train;

import ai.djl.Device;
import io.sparkqa.config.Experiment;
import io.sparkqa.decode.LogitsRunner;
import io.sparkqa.files.WholeFolder;
import io.sparkqa.model.ModelFolder;
import io.sparkqa.model.RobertaConfig;
import io.sparkqa.model.RobertaForQuestionAnswering;
import io.sparkqa.window.Window;
import io.sparkqa.window.WindowTable;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.LongConsumer;
import java.util.stream.IntStream;

/**
 * One of the networks that train side by side. It keeps its optimizer's moments from round to round and writes a copy of
 * them to the run folder after each round. If its process is lost or the run is restarted, another replica continues from
 * the copy of the last round and reaches the same weights.
 */
public final class Replica implements AutoCloseable {
    private static final int[] NO_OFFSETS = {};

    private final int index;
    private final WindowTable windows;
    private final RobertaForQuestionAnswering network;
    private final WindowBatches batches;
    private final Trainer trainer;
    private final LogitsRunner logits;
    private final double peak;

    /** Steps of the run after which the optimizer's moments are valid; -1 if they are not. */
    private long momentsOf = -1;

    /**
     * Opens a replica.
     *
     * @param index from 0
     * @param peak operations per second of a large matrix product on the device, for reports
     * @param windows training windows; closed with the replica
     */
    public Replica(
            int index, Experiment experiment, RobertaConfig config, Device device, double peak, WindowTable windows) {
        Experiment.Train settings = experiment.train();
        this.index = index;
        this.windows = windows;
        this.network = Trainer.network(settings, ModelFolder.zeros(config), device);
        this.batches = WindowBatches.of(
                settings,
                network.batching(),
                windows,
                WindowOrder.shuffled(settings.seed()),
                experiment.features().maxLength());
        this.trainer = new Trainer(settings, network, RunLength.of(settings, windows.size()));
        this.logits = LogitsRunner.of(network, experiment.decode().batchTokens());
        this.peak = peak;
    }

    /**
     * Computes logits with given weights, as {@link LogitsRunner} does for windows that are computed together.
     *
     * @param weights packed; the replica's own are lost, which a round does not need
     * @param windows token ids of each window
     * @return for each window its start logits, then its end logits
     */
    public synchronized float[][] logits(List<byte[]> weights, int[][] windows) {
        network.restore(PackedWeights.unpack(weights, network.config().tensors()));
        float[][] found = new float[windows.length][];
        logits.run(
                IntStream.range(0, windows.length)
                        .mapToObj(i -> new Window(i, "number " + i, 0, windows[i], 0, -1, 0, 0, NO_OFFSETS, NO_OFFSETS))
                        .toList(),
                (window, start, end) -> {
                    float[] both = Arrays.copyOf(start, start.length + end.length);
                    System.arraycopy(end, 0, both, start.length, end.length);
                    found[(int) window.exampleIndex()] = both;
                });
        return found;
    }

    /**
     * Trains this replica's share of a round.
     *
     * @param weights weights to start from, packed
     * @param attempt differs between two tasks with the same share, so that neither writes into the other's folder
     * @param place where Spark should run this replica's next round; empty for anywhere
     * @param stepDone called after each step with its number
     */
    public synchronized Replicas.Report run(
            Round round, List<byte[]> weights, String attempt, String place, LongConsumer stepDone) throws IOException {
        network.restore(PackedWeights.unpack(weights, network.config().tensors()));
        long begun = System.nanoTime();
        if (round.from() == 0) {
            trainer.optimizer().reset();
        } else if (momentsOf != round.from()) {
            trainer.optimizer().read(Path.of(round.before(), folder(index)));
        }
        momentsOf = -1;
        long ready = System.nanoTime();
        List<OptimizerStep> steps = steps(round, stepDone);
        long trained = System.nanoTime();
        Path moments = Path.of(round.after(), attempt, folder(index));
        WholeFolder.write(moments, trainer.optimizer()::write);
        momentsOf = round.to();
        return new Replicas.Report(
                index,
                moments.toString(),
                place,
                steps,
                (trained - ready) / 1e6,
                (ready - begun + System.nanoTime() - trained) / 1e6,
                peak);
    }

    private List<OptimizerStep> steps(Round round, LongConsumer stepDone) {
        int stride = round.replicas();
        List<OptimizerStep> steps = new ArrayList<>();
        List<Trainer.Pending> unread = new ArrayList<>();
        try (StepFeed feed = new StepFeed(batches, network, round.to(), stride)) {
            for (long step = round.from() + index; step < round.to(); step += stride) {
                try (StepInput input = feed.take(step)) {
                    unread.add(trainer.step(step, step / stride + 1, input));
                }
                if (unread.size() == trainer.readEvery() || step + stride >= round.to()) {
                    for (Trainer.Pending pending : unread) {
                        steps.add(read(pending, round));
                        stepDone.accept(steps.get(steps.size() - 1).step());
                    }
                    unread.clear();
                }
            }
        }
        return steps;
    }

    private OptimizerStep read(Trainer.Pending pending, Round round) {
        OptimizerStep done = pending.figures();
        if (!done.isFinite()) {
            throw done.notFinite(batches.windows(done.step() - 1), Checkpoints.inWords(round.before()));
        }
        return done;
    }

    /** Returns the name of the folder of a replica's moments in a checkpoint. */
    static String folder(int index) {
        return "replica-" + index;
    }

    /** Returns the weights, packed. */
    public List<byte[]> weights() {
        return PackedWeights.pack(network.tensors().values());
    }

    /** Returns the mean of a parameter's values, given in the order of the replicas. */
    public static byte[] mean(List<byte[]> values) {
        return PackedWeights.mean(values);
    }

    @Override
    public void close() {
        network.close();
        windows.close();
    }
}
