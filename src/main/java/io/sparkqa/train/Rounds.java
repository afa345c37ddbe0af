package io.sparkqa.train;

import io.sparkqa.config.Experiment;
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
import java.util.function.ToDoubleFunction;

/**
 * A training run of several networks at a time (local SGD). In each round every {@link Replica} takes its share of the
 * next steps with an optimizer of its own; then an {@link OuterStep} applies the mean of their changes, and all start the
 * next round from the result. Nothing is exchanged within a round. A checkpoint is written after each round: weights,
 * outer velocity, every replica's moments.
 */
public final class Rounds {
    private static final String VELOCITY = "outer.safetensors";

    private final Experiment.Train settings;
    private final RobertaForQuestionAnswering network;
    private final RunLength length;
    private final Checkpoints checkpoints;
    private final Replicas replicas;
    private final StopRequest stop;
    private final TrainingListener listener;
    private final OuterStep outerStep;

    /**
     * @param network receives the weights after each round; it does not train itself
     * @param windows number of training windows
     */
    public Rounds(
            Experiment.Train settings,
            RobertaForQuestionAnswering network,
            int windows,
            Checkpoints checkpoints,
            Replicas replicas,
            StopRequest stop,
            TrainingListener listener) {
        this.settings = settings;
        this.network = network;
        this.length = RunLength.of(settings, windows);
        this.checkpoints = checkpoints;
        this.replicas = replicas;
        this.stop = stop;
        this.listener = listener;
        this.outerStep = new OuterStep(settings.rounds().lr(), settings.rounds().momentum());
    }

    /**
     * Trains from the newest checkpoint, or from the network's present weights, to the end.
     *
     * @throws StoppedOnRequest if a stop was requested; a round that had begun is repeated when the run goes on
     */
    public void run() throws Exception {
        Optional<Checkpoints.Snapshot> snapshot = checkpoints.newest(length::position);
        snapshot.ifPresent(found -> network.restore(found.weights()));
        Map<String, Safetensors.Tensor> velocity = snapshot.map(
                        found -> inMemory(Safetensors.read(found.folder().resolve(VELOCITY))))
                .orElseGet(this::zeros);
        String before = snapshot.map(found -> absolute(found.folder())).orElse("");
        long step = snapshot.map(found -> found.position().step()).orElse(0L);
        long span = (long) settings.rounds().steps() * settings.replicas();
        listener.started(step, length.steps());
        try {
            epochEnd(step - span, step);
            while (step < length.steps()) {
                stop.check();
                long next = Math.min(step + span, length.steps());
                Path parts = checkpoints.staging(next);
                Round round = new Round(step, next, settings.replicas(), before, absolute(parts));
                List<byte[]> weights = PackedWeights.pack(network.tensors().values());
                long begun = System.nanoTime();
                Replicas.Exchange exchange = replicas.round(round, weights);
                outerStep(weights, exchange.mean(), velocity);
                long exchanged = System.nanoTime();
                listener.stepped(summary(next, exchange.reports()));
                before = absolute(save(next, velocity, exchange.reports()));
                Trees.delete(parts);
                step = next;
                listener.roundEnded(new RoundTimes(
                        step,
                        (exchanged - begun) / 1e6,
                        slowest(exchange, Replicas.Report::stepsMilliseconds),
                        slowest(exchange, Replicas.Report::momentsMilliseconds),
                        (System.nanoTime() - exchanged) / 1e6,
                        weights.stream()
                                .mapToLong(parameter -> parameter.length)
                                .sum()));
                epochEnd(round.from(), step);
            }
        } catch (StoppedOnRequest e) {
            throw StoppedOnRequest.after(step, length.steps(), checkpoints);
        }
    }

    private static double slowest(Replicas.Exchange exchange, ToDoubleFunction<Replicas.Report> time) {
        return exchange.reports().stream().mapToDouble(time).max().orElseThrow();
    }

    /** Replicas may run in another working directory. */
    private static String absolute(Path path) {
        return path.toAbsolutePath().toString();
    }

    /** Updates network and velocity with the replicas' mean. */
    private void outerStep(List<byte[]> weights, List<byte[]> mean, Map<String, Safetensors.Tensor> velocity) {
        int i = 0;
        for (Safetensors.Tensor tensor : velocity.values()) {
            outerStep.apply(PackedWeights.floats(weights.get(i)), PackedWeights.floats(mean.get(i)), tensor.floats());
            i++;
        }
        network.restore(PackedWeights.unpack(weights, network.config().tensors()));
    }

    private Path save(long step, Map<String, Safetensors.Tensor> velocity, List<Replicas.Report> reports)
            throws IOException {
        return checkpoints.save(length.position(step), folder -> {
            Safetensors.write(folder.resolve(Checkpoints.WEIGHTS), network.tensors());
            Safetensors.write(folder.resolve(VELOCITY), velocity);
            for (Replicas.Report report : reports) {
                Path moments = folder.resolve(Replica.folder(report.replica()));
                Staging.publish(Path.of(report.moments()), moments);
            }
        });
    }

    private void epochEnd(long before, long step) throws IOException {
        if (length.endsEpoch(before, step)) {
            listener.epochEnded(length.epochs(step), step);
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

    private Map<String, Safetensors.Tensor> zeros() {
        return ModelFolder.zeros(network.config()).tensors();
    }

    private Map<String, Safetensors.Tensor> inMemory(Map<String, Safetensors.Tensor> mapped) {
        Map<String, Safetensors.Tensor> copies = zeros();
        copies.forEach((name, copy) -> copy.floats().put(mapped.get(name).floats()));
        return copies;
    }
}
