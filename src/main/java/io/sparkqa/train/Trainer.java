package io.sparkqa.train;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import io.sparkqa.config.Experiment;
import io.sparkqa.config.UserError;
import io.sparkqa.model.Dropout;
import io.sparkqa.model.MicroBatch;
import io.sparkqa.model.ModelFolder;
import io.sparkqa.model.RobertaConfig;
import io.sparkqa.model.RobertaForQuestionAnswering;
import io.sparkqa.torch.DeterministicKernels;
import io.sparkqa.torch.Hardware;
import io.sparkqa.torch.NativeMemory;
import io.sparkqa.torch.OutOfMemory;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Makes optimizer steps: sets the learning rate, adds up the gradients of the step's micro-batches, clips them, updates
 * the parameters.
 */
public final class Trainer {
    private final RobertaForQuestionAnswering network;
    private final RunLength length;
    private final LinearSchedule schedule;
    private final AdamW optimizer;

    /** Makes the steps of a device that computes while Java goes on. */
    private final Optional<WholeSteps> wholeSteps;

    private final int logSteps;
    private final NativeMemory memory = new NativeMemory();

    Trainer(Experiment.Train settings, RobertaForQuestionAnswering network, RunLength length) {
        this.network = network;
        this.length = length;
        this.schedule = LinearSchedule.withWarmupShare(settings.lr(), settings.warmup(), length.steps());
        this.optimizer = new AdamW(network, settings.weightDecay(), settings.clip());
        this.wholeSteps =
                network.batching().runsAhead() ? Optional.of(new WholeSteps(network, optimizer)) : Optional.empty();
        this.logSteps = settings.logSteps();
        if (network.manager().getDevice().isGpu()) {
            DeterministicKernels.choose();
        }
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
        NDList figures;
        try {
            figures = wholeSteps.isPresent()
                    ? new NDList(wholeSteps.get().step(results, input.microBatches(), update, learningRate))
                    : stepInParts(results, input.microBatches(), update, learningRate);
        } catch (OutOfMemory e) {
            results.close();
            throw outOfMemory(step, input, e);
        }
        memory.afterStep();
        return () -> {
            try (results) {
                List<Float> values = new ArrayList<>();
                for (NDArray some : figures) {
                    for (float value : some.toFloatArray()) {
                        values.add(value);
                    }
                }
                float norm = values.remove(values.size() - 1);
                long number = step + 1;
                return new OptimizerStep(
                        number,
                        length.epochs(number),
                        values.stream().mapToDouble(loss -> loss).reduce(0, Double::sum),
                        learningRate,
                        norm,
                        input.windows(),
                        input.tokens(),
                        input.waitedMilliseconds());
            }
        };
    }

    /** Makes a step by several calls and returns the loss of each micro-batch, then the norm of the gradients. */
    private NDList stepInParts(NDManager results, List<MicroBatch> microBatches, long update, double learningRate) {
        NDList figures = new NDList();
        try (NDManager scope = network.manager().newSubManager()) {
            RobertaForQuestionAnswering.Gradients gradients = network.gradients(scope, microBatches);
            figures.addAll(gradients.losses());
            NDArray norm = optimizer.norm(scope, gradients.sums());
            optimizer.update(scope, gradients.sums(), norm, update, learningRate);
            figures.add(norm);
            figures.attach(results);
        }
        return figures;
    }

    private UserError outOfMemory(long step, StepInput input, OutOfMemory cause) {
        int most =
                input.microBatches().stream().mapToInt(MicroBatch::tokens).max().orElse(0);
        return new UserError(
                "training stopped at step %s: the memory of %s does not hold a micro-batch of %s tokens (%s); set train.token_budget to fewer, such as %s, or free memory that other processes hold"
                        .formatted(
                                step + 1,
                                network.manager().getDevice().isGpu() ? "the GPU" : "this machine",
                                most,
                                cause.getMessage(),
                                Math.max(1, most / 2)),
                cause);
    }

    /** Returns the steps between two reads of figures, which wait for the device. */
    int readEvery() {
        return network.batching().runsAhead() ? logSteps : 1;
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
