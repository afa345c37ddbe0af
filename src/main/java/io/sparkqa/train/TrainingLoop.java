package io.sparkqa.train;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import io.sparkqa.config.Experiment;
import io.sparkqa.config.UserError;
import io.sparkqa.model.RobertaForQuestionAnswering;
import io.sparkqa.window.WindowTable;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;

/**
 * Fine-tuning as an algorithm: for each step set the learning rate, add up the gradients of its batches, clip, update,
 * tell the listener. Batching, checkpoints and evaluation are collaborators.
 */
public final class TrainingLoop {
    private final Experiment.Train settings;
    private final RobertaForQuestionAnswering network;
    private final Checkpoints checkpoints;
    private final StopRequest stop;
    private final Listener listener;
    private final WindowBatches batches;
    private final AdamW optimizer;
    private final LinearSchedule schedule;
    private final int readEvery;
    private final List<Outcome> unread = new ArrayList<>();

    /** Hears of the run's progress. */
    public interface Listener {
        /** Before the first step of this process; {@code done} steps were done by earlier ones. */
        void started(long done, long steps) throws IOException;

        /** After each step; on a GPU, which computes on meanwhile, after several, one by one. */
        void stepped(Step step);

        /**
         * Before the first step, and after the last one of each epoch and of the run; once more for the step that a run
         * resumes after.
         */
        void epochEnded(double epochs, long step) throws IOException;
    }

    /**
     * What a step was.
     *
     * @param step its number, from 1
     * @param epochs passes over the data done, as a fraction
     * @param loss mean over the step's batches, before the update
     * @param gradientNorm global L2 norm before clipping
     * @param tokens real tokens
     * @param waitedMilliseconds of its time, for its input
     */
    public record Step(
            long step,
            double epochs,
            double loss,
            double learningRate,
            double gradientNorm,
            int windows,
            int tokens,
            double waitedMilliseconds) {}

    /**
     * @param maxLength width of every window if {@code train.pad_to_max_length} is set
     */
    public TrainingLoop(
            Experiment.Train settings,
            RobertaForQuestionAnswering network,
            WindowTable windows,
            WindowOrder order,
            int maxLength,
            Checkpoints checkpoints,
            StopRequest stop,
            Listener listener) {
        this.settings = settings;
        this.network = network;
        this.checkpoints = checkpoints;
        this.stop = stop;
        this.listener = listener;
        batches = new WindowBatches(
                windows,
                order,
                settings.batch(),
                settings.accumulation(),
                settings.tokenBudget(),
                settings.padToMaxLength() ? maxLength : 0,
                network.config().padTokenId());
        optimizer = new AdamW(network, settings.weightDecay());
        long steps = settings.maxSteps().map(Integer::longValue).orElse((long)
                Math.ceil(settings.epochs() * batches.stepsPerEpoch()));
        schedule = LinearSchedule.withWarmupShare(settings.lr(), settings.warmup(), steps);
        readEvery = network.manager().getDevice().isGpu() ? settings.logSteps() : 1;
    }

    /**
     * Trains from the newest checkpoint, or from the network's present weights, to the end.
     *
     * @throws UserError if the loss or the gradient norm is not finite
     * @throws StoppedOnRequest if that was wished; the step was finished and a checkpoint written
     */
    public void run() throws IOException {
        long step = checkpoints.restore(network, optimizer).step();
        long saved = step;
        listener.started(step, schedule.steps());
        try (StepFeed feed = new StepFeed(batches, network, schedule.steps())) {
            epochEnd(step);
            while (step < schedule.steps()) {
                stop.check();
                try (StepFeed.Prepared prepared = feed.take(step)) {
                    unread.add(step(step, prepared));
                }
                step++;
                if (step % readEvery == 0) {
                    read();
                }
                if (step == schedule.steps() || step % settings.checkpoint().steps() == 0) {
                    save(step);
                    saved = step;
                }
                epochEnd(step);
            }
        } catch (StoppedOnRequest e) {
            if (saved < step) {
                save(step);
            }
            throw new StoppedOnRequest("stopped on request after step %,d of %,d; %s, and the same command goes on"
                    .formatted(step, schedule.steps(), checkpoints.lastGood()));
        }
    }

    private void epochEnd(long step) throws IOException {
        read();
        if (step == schedule.steps() || step % batches.stepsPerEpoch() == 0) {
            listener.epochEnded(step / (double) batches.stepsPerEpoch(), step);
        }
    }

    private void save(long step) throws IOException {
        read();
        long epoch = step / batches.stepsPerEpoch();
        checkpoints.save(
                new Checkpoints.Position(step, epoch, step - epoch * batches.stepsPerEpoch(), step == schedule.steps()),
                network,
                optimizer);
    }

    private Outcome step(long step, StepFeed.Prepared prepared) {
        double learningRate = schedule.at(step);
        NDManager results = network.manager().newSubManager();
        NDList losses = new NDList();
        try (NDManager scope = network.manager().newSubManager()) {
            NDList gradients = null;
            for (StepFeed.Part part : prepared.parts()) {
                NDList more = network.gradients(scope, part.batch(), part.startScale(), part.endScale());
                losses.add(more.remove(more.size() - 1));
                if (gradients == null) {
                    gradients = more;
                } else {
                    network.accumulate(scope, gradients, more);
                    more.close();
                }
            }
            NDArray norm = optimizer.clip(scope, gradients, settings.clip());
            optimizer.update(scope, gradients, step + 1, learningRate);
            losses.attach(results);
            norm.attach(results);
            return new Outcome(results, losses, norm, step, learningRate, prepared);
        }
    }

    /** A step whose loss and gradient norm may still be under way on the device. */
    private record Outcome(
            NDManager owner, NDList losses, NDArray norm, long step, double learningRate, StepFeed.Prepared input) {}

    /** Waits for the device, and tells of the steps that it has done since. */
    private void read() throws IOException {
        for (Outcome outcome : unread) {
            double loss = 0;
            for (NDArray part : outcome.losses()) {
                loss += part.getFloat();
            }
            double norm = outcome.norm().getFloat();
            outcome.owner().close();
            requireFinite(outcome.step(), loss, norm);
            long done = outcome.step() + 1;
            double epochs = done / (double) batches.stepsPerEpoch();
            listener.stepped(new Step(
                    done,
                    epochs,
                    loss,
                    outcome.learningRate(),
                    norm,
                    outcome.input().windows(),
                    outcome.input().tokens(),
                    outcome.input().waitedMilliseconds()));
        }
        unread.clear();
    }

    private void requireFinite(long step, double loss, double norm) throws IOException {
        if (!Double.isFinite(loss) || !Double.isFinite(norm)) {
            String seen = batches.windows(step).stream()
                    .map(window -> window.exampleId() + "/" + window.window())
                    .collect(Collectors.joining(", "));
            throw new UserError(
                    "training stopped at step %d: the loss is %s and the gradients' norm %s, over the windows (question/window) %s; %s. Look at these questions, or start anew (--force) with a lower train.lr, a longer train.warmup, or train.dtype=float32"
                            .formatted(step + 1, loss, norm, seen, checkpoints.lastGood()));
        }
    }
}
