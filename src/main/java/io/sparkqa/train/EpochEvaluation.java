package io.sparkqa.train;

import io.sparkqa.config.TokenBudget;
import io.sparkqa.decode.WindowLogits;
import io.sparkqa.evaluate.SquadMetrics;
import io.sparkqa.files.WholeFolder;
import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;

/**
 * Evaluates dev before a training and after each epoch, adds the result to the training's log, and, if wanted, keeps the
 * best model.
 */
public final class EpochEvaluation implements TrainingListener {
    private final DevEvaluation dev;
    private final TrainingLog log;
    private final StopRequest stop;
    private final Optional<BestModel> best;
    private final TrainingListener report;

    /**
     * The place of the best model.
     *
     * @param model writes the network's current weights
     */
    public record BestModel(Path folder, WholeFolder.Content model) {}

    /**
     * @param report receives each result
     */
    public EpochEvaluation(
            DevEvaluation dev, TrainingLog log, StopRequest stop, Optional<BestModel> best, TrainingListener report) {
        this.dev = dev;
        this.log = log;
        this.stop = stop;
        this.best = best;
        this.report = report;
    }

    /** Evaluates, unless the log already has an evaluation after this step, from before an interruption. */
    @Override
    public void epochEnded(double epochs, long step, Function<TokenBudget, WindowLogits> network) throws IOException {
        if (log.evaluations().stream().anyMatch(line -> line.get("step").asLong() == step)) {
            return;
        }
        long start = System.nanoTime();
        DevEvaluation.Result result =
                dev.of(network.apply(dev.experiment().decode().batchTokens()), stop);
        if (best.isPresent() && step > 0 && isBest(result)) {
            WholeFolder.write(best.get().folder(), best.get().model());
        }
        log.add(line(epochs, step, result));
        report.evaluated(epochs, result, (System.nanoTime() - start) / 1e9);
    }

    private boolean isBest(DevEvaluation.Result result) throws IOException {
        double f1 = result.scores().all().all().f1();
        return log.evaluations().stream()
                .filter(line -> line.get("step").asLong() > 0)
                .allMatch(line -> f1 > line.at("/dev/f1").asDouble());
    }

    private static Map<String, Object> line(double epochs, long step, DevEvaluation.Result result) {
        Map<String, Object> byKind = new LinkedHashMap<>();
        for (Map.Entry<String, SquadMetrics> kind : result.scores().byKind().entrySet()) {
            byKind.put(kind.getKey(), kind.getValue().byKey());
        }
        Map<String, Object> line = new LinkedHashMap<>();
        line.put("event", TrainingLog.EVALUATION);
        line.put("step", step);
        line.put("epoch", epochs);
        line.put("dev_loss", result.loss());
        line.put("dev", result.scores().all().byKey());
        line.put("dev_by_kind", byKind);
        return line;
    }
}
