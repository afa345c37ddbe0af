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
import io.sparkqa.model.Safetensors;
import io.sparkqa.torch.Hardware;
import io.sparkqa.torch.NativeMemory;
import io.sparkqa.window.WindowTable;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
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
    private final RunLength length;
    private final LinearSchedule schedule;
    private final int readEvery;
    private final List<Outcome> unread = new ArrayList<>();
    private final NativeMemory memory = new NativeMemory();

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

        /** After each round of {@link Rounds}. */
        default void roundEnded(RoundTimes times) {}
    }

    /**
     * What a step was, or all steps of a round: then means of losses and norms, sums of windows and tokens.
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
                settings.padToMaxLength() ? maxLength : 0);
        optimizer = new AdamW(network, settings.weightDecay(), settings.clip());
        length = RunLength.of(settings, windows.size());
        schedule = LinearSchedule.withWarmupShare(settings.lr(), settings.warmup(), length.steps());
        readEvery = network.manager().getDevice().isGpu() ? settings.logSteps() : 1;
    }

    /** Opens a network that trains by these settings. */
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
     * Trains from the newest checkpoint, or from the network's present weights, to the end.
     *
     * @throws UserError if the loss or the gradient norm is not finite
     * @throws StoppedOnRequest if that was wished; the step was finished and a checkpoint written
     */
    public void run() throws IOException {
        Optional<Checkpoints.Snapshot> snapshot = checkpoints.newest();
        snapshot.ifPresent(found -> {
            network.restore(found.weights());
            optimizer.read(found.folder());
        });
        long step = snapshot.map(found -> found.position().step()).orElse(0L);
        long saved = step;
        listener.started(step, length.steps());
        try (StepFeed feed = new StepFeed(batches, network, length.steps(), 1)) {
            epochEnd(step);
            while (step < length.steps()) {
                stop.check();
                try (StepInput input = feed.take(step)) {
                    unread.add(step(step, step + 1, input));
                }
                step++;
                if (step % readEvery == 0) {
                    read();
                }
                if (step == length.steps() || step % settings.checkpoint().steps() == 0) {
                    save(step);
                    saved = step;
                }
                epochEnd(step);
            }
        } catch (StoppedOnRequest e) {
            if (saved < step) {
                save(step);
            }
            throw StoppedOnRequest.after(step, length.steps(), checkpoints);
        }
    }

    /**
     * Does every {@code stride}-th of the steps from {@code first} to {@code end}, and nothing else but telling the
     * listener.
     *
     * @see Replica
     */
    void runShare(long first, long end, int stride) throws IOException {
        try (StepFeed feed = new StepFeed(batches, network, end, stride)) {
            for (long step = first; step < end; step += stride) {
                try (StepInput input = feed.take(step)) {
                    unread.add(step(step, step / stride + 1, input));
                }
                read();
            }
        }
    }

    AdamW optimizer() {
        return optimizer;
    }

    private void epochEnd(long step) throws IOException {
        read();
        if (length.endsEpoch(step - 1, step)) {
            listener.epochEnded(length.epochs(step), step);
        }
    }

    private void save(long step) throws IOException {
        read();
        checkpoints.save(length.position(step), folder -> {
            Safetensors.write(folder.resolve(Checkpoints.WEIGHTS), network.tensors());
            optimizer.write(folder);
        });
    }

    /**
     * @param update number of the optimizer's updates including this one, from 1
     */
    private Outcome step(long step, long update, StepInput input) {
        memory.beforeStep();
        Outcome outcome = compute(step, update, input);
        memory.afterStep();
        return outcome;
    }

    private Outcome compute(long step, long update, StepInput input) {
        double learningRate = schedule.at(step);
        NDManager results = network.manager().newSubManager();
        NDList losses = new NDList();
        try (NDManager scope = network.manager().newSubManager()) {
            NDList gradients = null;
            for (MicroBatch microBatch : input.microBatches()) {
                NDList more = network.gradients(scope, microBatch);
                losses.add(more.remove(more.size() - 1));
                if (gradients == null) {
                    gradients = more;
                } else {
                    network.accumulate(scope, gradients, more);
                    more.close();
                }
            }
            NDArray norm = optimizer.norm(scope, gradients);
            optimizer.update(scope, gradients, norm, update, learningRate);
            losses.attach(results);
            norm.attach(results);
            return new Outcome(results, losses, norm, step, learningRate, input);
        }
    }

    /** A step whose loss and gradient norm may still be under way on the device. */
    private record Outcome(
            NDManager owner, NDList losses, NDArray norm, long step, double learningRate, StepInput input) {}

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
            listener.stepped(new Step(
                    done,
                    length.epochs(done),
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
