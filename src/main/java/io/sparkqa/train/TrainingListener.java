package io.sparkqa.train;

import java.io.IOException;
import java.util.List;

/** Is told how a training goes on. */
public interface TrainingListener {
    /** Called before the first step of this process; {@code done} steps were done by earlier ones. */
    default void started(long done, long steps) throws IOException {}

    /** Called after each step, in order. A GPU may be several steps ahead. */
    default void stepped(OptimizerStep step) {}

    /**
     * Called before the first step, and after the last one of each epoch and of the run; once more for the step that a
     * run resumes after.
     */
    default void epochEnded(double epochs, long step) throws IOException {}

    /**
     * Called after each evaluation.
     *
     * @param seconds for which the training paused
     */
    default void evaluated(double epochs, DevEvaluation.Result result, double seconds) {}

    /** Called after each round of {@link Rounds}. */
    default void roundEnded(RoundTimes times) {}

    /** Tells several listeners, one after the other. */
    static TrainingListener of(List<TrainingListener> listeners) {
        return new TrainingListener() {
            @Override
            public void started(long done, long steps) throws IOException {
                for (TrainingListener listener : listeners) {
                    listener.started(done, steps);
                }
            }

            @Override
            public void stepped(OptimizerStep step) {
                listeners.forEach(listener -> listener.stepped(step));
            }

            @Override
            public void epochEnded(double epochs, long step) throws IOException {
                for (TrainingListener listener : listeners) {
                    listener.epochEnded(epochs, step);
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
