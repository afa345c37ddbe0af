package io.sparkqa.train;

import io.sparkqa.config.Experiment;
import io.sparkqa.config.UserError;
import io.sparkqa.decode.LogitsRunner;
import io.sparkqa.model.RobertaForQuestionAnswering;
import io.sparkqa.model.Safetensors;
import io.sparkqa.window.WindowTable;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** A training run on one device: resumes, makes steps, writes checkpoints, ends epochs, stops on request. */
public final class TrainingLoop {
    private final RobertaForQuestionAnswering network;
    private final WindowBatches batches;
    private final RunLength length;
    private final Trainer trainer;
    private final Checkpoints checkpoints;
    private final StopRequest stop;
    private final TrainingListener listener;
    private final int saveEvery;

    private final List<Trainer.Pending> unread = new ArrayList<>();

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
            TrainingListener listener) {
        this.network = network;
        this.batches = WindowBatches.of(settings, network.batching(), windows, order, maxLength);
        this.length = RunLength.of(settings, windows.size());
        this.trainer = new Trainer(settings, network, length);
        this.checkpoints = checkpoints;
        this.stop = stop;
        this.listener = listener;
        this.saveEvery = settings.checkpoint().steps();
    }

    /**
     * Trains from the newest checkpoint, or from the network's current weights, to the end.
     *
     * @throws UserError if the loss or the gradient norm is not finite
     * @throws StoppedOnRequest if a stop was requested, after the step is finished and a checkpoint written
     */
    public void run() throws IOException {
        long step = resume();
        long saved = step;
        listener.started(step, length.steps());
        try (StepFeed feed = new StepFeed(batches, network, length.steps(), 1)) {
            endEpoch(step);
            while (step < length.steps()) {
                stop.check();
                try (StepInput input = feed.take(step)) {
                    unread.add(trainer.step(step, step + 1, input));
                }
                step++;
                if (step % trainer.readEvery() == 0) {
                    read();
                }
                if (step % saveEvery == 0 || step == length.steps()) {
                    save(step);
                    saved = step;
                }
                endEpoch(step);
            }
        } catch (StoppedOnRequest e) {
            if (saved < step) {
                save(step);
            }
            throw StoppedOnRequest.after(step, length.steps(), checkpoints);
        }
    }

    /** Reads weights and moments from the newest checkpoint and returns its number of steps. */
    private long resume() throws IOException {
        Optional<Checkpoints.Snapshot> snapshot = checkpoints.newest(length::position);
        snapshot.ifPresent(found -> {
            network.restore(found.weights());
            trainer.optimizer().read(found.folder());
        });
        return snapshot.map(found -> found.position().step()).orElse(0L);
    }

    /** Waits for the steps whose figures are unread and reports each to the listener. */
    private void read() throws IOException {
        for (Trainer.Pending pending : unread) {
            OptimizerStep step = pending.figures();
            if (!step.isFinite()) {
                throw step.notFinite(batches.windows(step.step() - 1), checkpoints.lastGood());
            }
            listener.stepped(step);
        }
        unread.clear();
    }

    private void save(long step) throws IOException {
        read();
        checkpoints.save(length.position(step), folder -> {
            Safetensors.write(folder.resolve(Checkpoints.WEIGHTS), network.tensors());
            trainer.optimizer().write(folder);
        });
    }

    private void endEpoch(long step) throws IOException {
        if (length.endsEpoch(step - 1, step)) {
            read();
            listener.epochEnded(length.epochs(step), step, batchTokens -> LogitsRunner.of(network, batchTokens));
        }
    }
}
