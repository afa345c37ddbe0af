package io.sparkqa.train;

import io.sparkqa.config.TokenBudget;
import io.sparkqa.decode.WindowLogits;
import java.io.IOException;
import java.util.List;
import java.util.function.Function;

/** Receives the events of a training. */
public interface TrainingListener {
    /** Called before the first step of this process, after {@code done} steps of earlier processes. */
    default void started(long done, long steps) throws IOException {}

    /**
     * Called by a training with replicas before each call of {@link #stepped}.
     *
     * @param peak operations per second of large matrix products on all devices together
     */
    default void peakReported(double peak) {}

    /** Called after each step, in order. A GPU may be several steps ahead. */
    default void stepped(OptimizerStep step) {}

    /**
     * Called before the first step of the run, after the last step of each epoch, and after the run's last step. A resumed
     * run calls it again for the step that it resumes after.
     *
     * @param network computes logits with the present weights, in forward passes of so many tokens
     */
    default void epochEnded(double epochs, long step, Function<TokenBudget, WindowLogits> network) throws IOException {}

    /**
     * Called after each evaluation.
     *
     * @param seconds time for which the training paused
     */
    default void evaluated(double epochs, DevEvaluation.Result result, double seconds) {}

    /** Called after each round of {@link Rounds}. */
    default void roundEnded(RoundTimes times) {}

    /** Returns a listener that calls several listeners in order. */
    static TrainingListener of(List<TrainingListener> listeners) {
        return new TrainingListener() {
            @Override
            public void started(long done, long steps) throws IOException {
                for (TrainingListener listener : listeners) {
                    listener.started(done, steps);
                }
            }

            @Override
            public void peakReported(double peak) {
                listeners.forEach(listener -> listener.peakReported(peak));
            }

            @Override
            public void stepped(OptimizerStep step) {
                listeners.forEach(listener -> listener.stepped(step));
            }

            @Override
            public void epochEnded(double epochs, long step, Function<TokenBudget, WindowLogits> network)
                    throws IOException {
                for (TrainingListener listener : listeners) {
                    listener.epochEnded(epochs, step, network);
                }
            }

            @Override
            public void evaluated(double epochs, DevEvaluation.Result result, double seconds) {
                listeners.forEach(listener -> listener.evaluated(epochs, result, seconds));
            }

            @Override
            public void roundEnded(RoundTimes times) {
                listeners.forEach(listener -> listener.roundEnded(times));
            }
        };
    }
}
