package io.sparkqa.train;

import io.sparkqa.config.Experiment;
import io.sparkqa.decode.WindowLogits;
import io.sparkqa.files.Staging;
import io.sparkqa.files.Trees;
import io.sparkqa.model.ModelFolder;
import io.sparkqa.model.RobertaForQuestionAnswering;
import io.sparkqa.model.Safetensors;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.ToDoubleFunction;

/**
 * A training run with several replicas (local SGD). In each round every {@link Replica} does its share of the next steps
 * with an optimizer of its own. Then an {@link OuterStep} applies the mean of their changes, and all replicas start the
 * next round from the result. Within a round they exchange nothing. After each round a checkpoint is written: weights,
 * outer velocity, every replica's moments.
 */
public final class Rounds {
    private static final String VELOCITY = "outer.safetensors";

    private final Experiment.Train settings;
    private final RobertaForQuestionAnswering network;
    private final RunLength length;
    private final Checkpoints checkpoints;
    private final Replicas replicas;
    private final Function<List<byte[]>, WindowLogits> logits;
    private final StopRequest stop;
    private final TrainingListener listener;
    private final OuterStep outerStep;

    /** The outer step's velocity of each parameter. */
    private Map<String, Safetensors.Tensor> velocity = Map.of();

    /** Folder of the checkpoint before the current round; empty in the first round. */
    private String lastCheckpoint = "";

    /**
     * @param network receives the weights after each round; it does not train itself
     * @param windows number of training windows
     * @param logits returns what computes logits with packed weights, which the listener may ask for
     */
    public Rounds(
            Experiment.Train settings,
            RobertaForQuestionAnswering network,
            int windows,
            Checkpoints checkpoints,
            Replicas replicas,
            Function<List<byte[]>, WindowLogits> logits,
            StopRequest stop,
            TrainingListener listener) {
        this.settings = settings;
        this.network = network;
        this.length = RunLength.of(settings, windows);
        this.checkpoints = checkpoints;
        this.replicas = replicas;
        this.logits = logits;
        this.stop = stop;
        this.listener = listener;
        this.outerStep = new OuterStep(settings.rounds().lr(), settings.rounds().momentum());
    }

    /**
     * Trains from the newest checkpoint, or from the network's current weights, to the end.
     *
     * @throws StoppedOnRequest if a stop was requested; the resumed run repeats an unfinished round
     */
    public void run() throws Exception {
        long step = resume();
        long span = (long) settings.rounds().steps() * settings.replicas();
        listener.started(step, length.steps());
        try {
            endEpoch(step - span, step);
            while (step < length.steps()) {
                stop.check();
                long from = step;
                long to = Math.min(from + span, length.steps());
                round(from, to);
                step = to;
                endEpoch(from, to);
            }
        } catch (StoppedOnRequest e) {
            throw StoppedOnRequest.after(step, length.steps(), checkpoints);
        }
    }

    /** Reads weights and velocity from the newest checkpoint and returns its number of steps. */
    private long resume() throws IOException {
        Optional<Checkpoints.Snapshot> snapshot = checkpoints.newest(length::position);
        velocity = ModelFolder.zeros(network.config()).tensors();
        if (snapshot.isEmpty()) {
            return 0;
        }
        Checkpoints.Snapshot found = snapshot.get();
        network.restore(found.weights());
        Map<String, Safetensors.Tensor> saved = Safetensors.read(found.folder().resolve(VELOCITY));
        velocity.forEach((name, copy) -> copy.floats().put(saved.get(name).floats()));
        lastCheckpoint = absolute(found.folder());
        return found.position().step();
    }

    private void round(long from, long to) throws Exception {
        Path parts = checkpoints.staging(to);
        Round round = new Round(from, to, settings.replicas(), lastCheckpoint, absolute(parts));
        List<byte[]> weights = PackedWeights.pack(network.tensors().values());
        long begun = System.nanoTime();
        Replicas.Exchange exchange = replicas.round(round, weights);
        outerStep(weights, exchange.mean());
        long exchanged = System.nanoTime();
        listener.peakReported(
                exchange.reports().stream().mapToDouble(Replicas.Report::peak).sum());
        listener.stepped(summary(to, exchange.reports()));
        lastCheckpoint = absolute(save(to, exchange.reports()));
        Trees.delete(parts);
        listener.roundEnded(new RoundTimes(
                to,
                (exchanged - begun) / 1e6,
                slowest(exchange, Replicas.Report::stepsMilliseconds),
                slowest(exchange, Replicas.Report::momentsMilliseconds),
                (System.nanoTime() - exchanged) / 1e6,
                weights.stream().mapToLong(parameter -> parameter.length).sum()));
    }

    private static double slowest(Replicas.Exchange exchange, ToDoubleFunction<Replicas.Report> time) {
        return exchange.reports().stream().mapToDouble(time).max().orElseThrow();
    }

    /** Returns an absolute path, since replicas may have another working directory. */
    private static String absolute(Path path) {
        return path.toAbsolutePath().toString();
    }

    /** Updates network and velocity with the replicas' mean. */
    private void outerStep(List<byte[]> weights, List<byte[]> mean) {
        int i = 0;
        for (Safetensors.Tensor tensor : velocity.values()) {
            outerStep.apply(PackedWeights.floats(weights.get(i)), PackedWeights.floats(mean.get(i)), tensor.floats());
            i++;
        }
        network.restore(PackedWeights.unpack(weights, network.config().tensors()));
    }

    private Path save(long step, List<Replicas.Report> reports) throws IOException {
        return checkpoints.save(length.position(step), folder -> {
            Safetensors.write(folder.resolve(Checkpoints.WEIGHTS), network.tensors());
            Safetensors.write(folder.resolve(VELOCITY), velocity);
            for (Replicas.Report report : reports) {
                Path moments = folder.resolve(Replica.folder(report.replica()));
                Staging.publish(Path.of(report.moments()), moments);
            }
        });
    }

    private void endEpoch(long before, long step) throws IOException {
        if (length.endsEpoch(before, step)) {
            listener.epochEnded(
                    length.epochs(step),
                    step,
                    batchTokens ->
                            logits.apply(PackedWeights.pack(network.tensors().values())));
        }
    }

    /** Returns the figures of a round as those of one step. */
    private OptimizerStep summary(long step, List<Replicas.Report> reports) {
        List<OptimizerStep> steps = reports.stream()
                .flatMap(report -> report.steps().stream())
                .sorted(Comparator.comparingLong(OptimizerStep::step))
                .toList();
        return new OptimizerStep(
                step,
                length.epochs(step),
                steps.stream().mapToDouble(OptimizerStep::loss).average().orElseThrow(),
                steps.get(steps.size() - 1).learningRate(),
                steps.stream()
                        .mapToDouble(OptimizerStep::gradientNorm)
                        .average()
                        .orElseThrow(),
                steps.stream().mapToInt(OptimizerStep::windows).sum(),
                steps.stream().mapToInt(OptimizerStep::tokens).sum(),
                steps.stream().mapToDouble(OptimizerStep::waitedMilliseconds).sum());
    }
}
