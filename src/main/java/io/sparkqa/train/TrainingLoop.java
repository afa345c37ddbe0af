package io.sparkqa.train;

import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import io.sparkqa.config.Experiment;
import io.sparkqa.config.UserError;
import io.sparkqa.model.MicroBatch;
import io.sparkqa.model.PreparedBatch;
import io.sparkqa.model.RobertaForQuestionAnswering;
import io.sparkqa.window.WindowTable;
import java.io.IOException;
import java.nio.ByteBuffer;

/**
 * Fine-tuning as an algorithm: for each step set the learning rate, add up the gradients of its batches, clip, update,
 * tell the listener. Batching, checkpoints and evaluation are collaborators.
 */
public final class TrainingLoop {
    private final Experiment.Train settings;
    private final RobertaForQuestionAnswering network;
    private final Checkpoints checkpoints;
    private final Listener listener;
    private final WindowBatches batches;
    private final AdamW optimizer;
    private final LinearSchedule schedule;

    /** Hears of the run's progress. */
    public interface Listener {
        /** Before the first step of this process; {@code done} steps were done by earlier ones. */
        void started(long done, long steps) throws IOException;

        /** After each step. */
        void stepped(Step step);

        /** After the last step of each epoch, and of the run. */
        void epochEnded(double epochs, long step);
    }

    /**
     * What a step was.
     *
     * @param step its number, from 1
     * @param epochs passes over the data done, as a fraction
     * @param loss mean over the step's batches, before the update
     * @param gradientNorm global L2 norm before clipping
     * @param tokens real tokens
     */
    public record Step(
            long step, double epochs, double loss, double learningRate, double gradientNorm, int windows, int tokens) {}

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
            Listener listener) {
        this.settings = settings;
        this.network = network;
        this.checkpoints = checkpoints;
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
    }

    /**
     * Trains from the newest checkpoint, or from the network's present weights, to the end.
     *
     * @throws UserError if the loss or the gradient norm is not finite
     */
    public void run() throws IOException {
        long done = checkpoints.restore(network, optimizer);
        listener.started(done, schedule.steps());
        for (long step = done; step < schedule.steps(); step++) {
            Step result = step(step);
            listener.stepped(result);
            boolean last = step + 1 == schedule.steps();
            if (last || (step + 1) % settings.checkpoint().steps() == 0) {
                checkpoints.save(step + 1, last, network, optimizer);
            }
            if (last || (step + 1) % batches.stepsPerEpoch() == 0) {
                listener.epochEnded(result.epochs(), step + 1);
            }
        }
    }

    private Step step(long step) {
        double learningRate = schedule.at(step);
        try (NDManager scope = network.manager().newSubManager()) {
            NDList gradients = null;
            double loss = 0;
            int windows = 0;
            int tokens = 0;
            for (WindowBatches.Batch batch : batches.of(step)) {
                for (MicroBatch microBatch : batch.microBatches()) {
                    PreparedBatch prepared = network.prepare(microBatch, step, ByteBuffer::allocateDirect);
                    NDList more = network.gradients(scope, prepared, batch.startScale(), batch.endScale());
                    loss += more.remove(more.size() - 1).getFloat();
                    if (gradients == null) {
                        gradients = more;
                    } else {
                        network.accumulate(scope, gradients, more);
                        more.close();
                    }
                }
                windows += batch.windows();
                tokens += batch.tokens();
            }
            double norm = optimizer.clip(scope, gradients, settings.clip());
            requireFinite(step, loss, norm);
            optimizer.update(scope, gradients, step + 1, learningRate);
            return new Step(
                    step + 1, (step + 1) / (double) batches.stepsPerEpoch(), loss, learningRate, norm, windows, tokens);
        }
    }

    private void requireFinite(long step, double loss, double norm) {
        if (!Double.isFinite(loss) || !Double.isFinite(norm)) {
            throw new UserError(
                    "training stopped at step " + (step + 1) + ": the loss is " + loss
                            + " and the gradients' norm " + norm
                            + "; the last checkpoint is sound: lower train.lr, lengthen train.warmup, or use train.dtype=float32");
        }
    }
}
