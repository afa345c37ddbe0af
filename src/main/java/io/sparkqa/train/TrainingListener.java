package io.sparkqa.train;

import java.io.IOException;
import java.util.List;

/** Receives the events of a training. */
public interface TrainingListener {
    /** Called before the first step of this process, after {@code done} steps of earlier processes. */
    default void started(long done, long steps) throws IOException {}

    /** Called after each step, in order. A GPU may be several steps ahead. */
    default void stepped(OptimizerStep step) {}

    /**
     * Called before the first step of the run, after the last step of each epoch, and after the run's last step. A resumed
     * run calls it again for the step that it resumes after.
     */
    default void epochEnded(double epochs, long step) throws IOException {}

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
