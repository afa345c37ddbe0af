package io.sparkqa.job;

import ai.djl.Device;
import com.fasterxml.jackson.databind.JsonNode;
import io.sparkqa.evaluate.SquadMetrics;
import io.sparkqa.model.NetworkOperations;
import io.sparkqa.progress.Progress;
import io.sparkqa.run.StageRun;
import io.sparkqa.torch.Hardware;
import io.sparkqa.torch.ProcessMemory;
import io.sparkqa.train.DevEvaluation;
import io.sparkqa.train.OptimizerStep;
import io.sparkqa.train.RoundTimes;
import io.sparkqa.train.TrainingListener;
import io.sparkqa.train.TrainingLog;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/** Reports a training: shows progress and dev's scores at the terminal, and writes the log. */
final class TrainingReport implements TrainingListener, AutoCloseable {
    private final StageRun run;
    private final TrainingLog log;
    private final int logSteps;
    private final NetworkOperations operations;
    private final Optional<Device> gpu;

    private Progress progress;
    private long steps;
    private double peak;
    private Interval interval = new Interval(0);

    /**
     * @param logSteps number of steps that each line of the log sums up
     * @param gpu on which this process trains; empty: on none
     */
    TrainingReport(StageRun run, TrainingLog log, int logSteps, NetworkOperations operations, Optional<Device> gpu) {
        this.run = run;
        this.log = log;
        this.logSteps = logSteps;
        this.operations = operations;
        this.gpu = gpu;
    }

    /** The steps since the last line of the log. */
    private static final class Interval {
        private final long firstStep;
        private long start = System.nanoTime();
        private int count;
        private double loss;
        private int windows;
        private long tokens;
        private double waited;

        Interval(long firstStep) {
            this.firstStep = firstStep;
        }

        void add(OptimizerStep step) {
            count++;
            loss += step.loss();
            windows += step.windows();
            tokens += step.tokens();
            waited += step.waitedMilliseconds();
        }

        double seconds() {
            return (System.nanoTime() - start) / 1e9;
        }
    }

    @Override
    public void started(long done, long steps) throws IOException {
        this.steps = steps;
        log.cutAfter(done);
        if (done > 0) {
            run.say("resuming after step %,d of %,d".formatted(done, steps));
        }
        interval = new Interval(done);
    }

    @Override
    public void peakReported(double operationsPerSecond) {
        peak = operationsPerSecond;
    }

    @Override
    public void stepped(OptimizerStep step) {
        progressFrom(step.step());
        interval.add(step);
        boolean logged = step.step() / logSteps > interval.firstStep / logSteps || step.step() == steps;
        if (logged) {
            report(step);
            interval = new Interval(step.step());
        }
        progress.at(step.step());
        if (logged) {
            progress.mark();
        }
    }

    private void report(OptimizerStep step) {
        double seconds = interval.seconds();
        double loss = interval.loss / interval.count;
        double tokensPerSecond = interval.tokens / seconds;
        double share = operations.training(interval.windows, interval.tokens) / seconds / peak;
        Map<String, Object> line = new LinkedHashMap<>();
        line.put("event", "step");
        line.put("step", step.step());
        line.put("epoch", step.epochs());
        line.put("loss", loss);
        line.put("lr", step.learningRate());
        line.put("grad_norm", step.gradientNorm());
        line.put("tokens_per_second", tokensPerSecond);
        line.put("share_of_peak", share);
        line.put("step_ms", 1000 * seconds / (step.step() - interval.firstStep));
        line.put("input_wait_ms", interval.waited / interval.count);
        ProcessMemory.resident().ifPresent(megabytes -> line.put("resident_mb", megabytes));
        gpu.ifPresent(device -> line.put("gpu_mb", Hardware.memoryInUse(device) / 1e6));
        log.add(line);
        progress.note(
                String.format(
                        Locale.ROOT,
                        "loss %.3f, lr %.2e, %,.0f tokens/s, %.0f %% of the peak, epoch %.2f of %.2f",
                        loss,
                        step.learningRate(),
                        tokensPerSecond,
                        100 * share,
                        step.epochs(),
                        step.epochs() * steps / step.step()),
                String.format(
                        Locale.ROOT,
                        "epoch %.2f, loss %.2f, %,.0f tok/s, %.0f %%, lr %.1e",
                        step.epochs(),
                        loss,
                        tokensPerSecond,
                        100 * share,
                        step.learningRate()));
    }

    private void progressFrom(long step) {
        if (progress == null) {
            progress = Progress.of("train", "steps", steps).startingAt(step);
        }
    }

    /** Shows the number of finished steps of the run during a round. */
    void underWay(long step) {
        progressFrom(step);
        progress.at(step);
    }

    @Override
    public void roundEnded(RoundTimes times) {
        Map<String, Object> line = new LinkedHashMap<>();
        line.put("event", "round");
        line.put("step", times.step());
        line.put("round_ms", times.round());
        line.put("steps_ms", times.steps());
        line.put("exchange_ms", times.exchange());
        line.put("moments_ms", times.moments());
        line.put("checkpoint_ms", times.checkpoint());
        line.put("bytes", times.bytes());
        log.add(line);
    }

    @Override
    public void evaluated(double epochs, DevEvaluation.Result result, double seconds) {
        interval.start += Math.round(seconds * 1e9);
        SquadMetrics all = result.scores().all();
        run.say(String.format(
                Locale.ROOT,
                "epoch %.2f: dev loss %.3f, exact %.2f, F1 %.2f (answerable %.2f, unanswerable %.2f)",
                epochs,
                result.loss(),
                all.all().exact(),
                all.all().f1(),
                all.hasAnswer().f1(),
                all.noAnswer().f1()));
    }

    /** Prints dev's F1 before and after the training, for all questions and by kind. */
    void compare() throws IOException {
        List<JsonNode> evaluations = log.evaluations();
        if (evaluations.size() < 2) {
            return;
        }
        JsonNode before = evaluations.get(0);
        JsonNode after = evaluations.get(evaluations.size() - 1);
        run.say(String.format(Locale.ROOT, "%-24s %9s %9s %10s", "dev, F1", "before", "after", "questions"));
        row("all", before.path("dev"), after.path("dev"), "");
        row("answerable", before.path("dev"), after.path("dev"), "HasAns_");
        row("unanswerable", before.path("dev"), after.path("dev"), "NoAns_");
        after.path("dev_by_kind")
                .fields()
                .forEachRemaining(kind -> row(
                        "kind " + kind.getKey(), before.path("dev_by_kind").path(kind.getKey()), kind.getValue(), ""));
    }

    private void row(String name, JsonNode before, JsonNode after, String prefix) {
        if (after.has(prefix + "f1")) {
            run.say(String.format(
                    Locale.ROOT,
                    "%-24s %9.2f %9.2f %,10d",
                    name,
                    before.path(prefix + "f1").asDouble(),
                    after.path(prefix + "f1").asDouble(),
                    after.path(prefix + "total").asInt()));
        }
    }

    @Override
    public void close() {
        if (progress != null) {
            progress.close();
        }
    }
}
