package io.sparkqa.train;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import io.sparkqa.config.Experiment;
import io.sparkqa.model.Dropout;
import io.sparkqa.model.ModelFolder;
import io.sparkqa.model.RobertaConfig;
import io.sparkqa.model.RobertaForQuestionAnswering;
import io.sparkqa.torch.Hardware;
import io.sparkqa.torch.NativeMemory;

/**
 * Makes optimizer steps: sets the learning rate, adds up the gradients of the step's micro-batches, clips them, updates
 * the parameters.
 */
public final class Trainer {
    private final RobertaForQuestionAnswering network;
    private final RunLength length;
    private final LinearSchedule schedule;
    private final AdamW optimizer;
    private final NativeMemory memory = new NativeMemory();

    Trainer(Experiment.Train settings, RobertaForQuestionAnswering network, RunLength length) {
        this.network = network;
        this.length = length;
        this.schedule = LinearSchedule.withWarmupShare(settings.lr(), settings.warmup(), length.steps());
        this.optimizer = new AdamW(network, settings.weightDecay(), settings.clip());
    }

    /** Returns a network to be trained with these settings. */
    public static RobertaForQuestionAnswering network(
            Experiment.Train settings, ModelFolder.Weights weights, Device device) {
        RobertaConfig config = weights.config();
        Dropout dropout = Dropout.on(
                device,
                config,
                settings.seed(),
                settings.dropout().orElse(config.hiddenDropout()),
                settings.dropout().orElse(config.attentionDropout()));
        boolean bfloat16 = Hardware.bfloat16(settings.dtype(), device);
        return new RobertaForQuestionAnswering(weights, device, dropout, bfloat16, settings.padToMaxLength());
    }

    /**
     * Makes a step. A GPU may still be computing it when this method returns.
     *
     * @param step number of earlier steps of the run
     * @param update number of the optimizer's updates including this one, from 1
     */
    Pending step(long step, long update, StepInput input) {
        memory.beforeStep();
        double learningRate = schedule.at(step);
        NDManager results = network.manager().newSubManager();
        NDList losses;
        NDArray norm;
        try (NDManager scope = network.manager().newSubManager()) {
            RobertaForQuestionAnswering.Gradients gradients = network.gradients(scope, input.microBatches());
            losses = gradients.losses();
            norm = optimizer.norm(scope, gradients.sums());
            optimizer.update(scope, gradients.sums(), norm, update, learningRate);
            losses.attach(results);
            norm.attach(results);
        }
        memory.afterStep();
        return () -> {
            try (results) {
                long number = step + 1;
                double loss = 0;
                for (NDArray part : losses) {
                    loss += part.getFloat();
                }
                return new OptimizerStep(
                        number,
                        length.epochs(number),
                        loss,
                        learningRate,
                        norm.getFloat(),
                        input.windows(),
                        input.tokens(),
                        input.waitedMilliseconds());
            }
        };
    }

    /** A step that the device may still be computing. */
    @FunctionalInterface
    interface Pending {
        /** Waits for the step and returns its figures. May be called only once. */
        OptimizerStep figures();
    }

    AdamW optimizer() {
        return optimizer;
    }
}
