package io.sparkqa.decode;

import io.sparkqa.window.Window;
import java.util.List;

/** Computes the start and end logits of windows. */
@FunctionalInterface
public interface WindowLogits extends AutoCloseable {
    /** Computes the logits of all windows, in any order, and passes them to the sink, one window at a time. */
    void run(List<Window> windows, Sink sink);

    /** Frees the resources of the computation. */
    @Override
    default void close() {}

    /** Receives the logits of windows. */
    @FunctionalInterface
    interface Sink {
        /**
         * Takes a window's start and end logits. The caller does not use the arrays again.
         *
         * @param startLogits float[length of the window]
         * @param endLogits float[length of the window]
         */
        void accept(Window window, float[] startLogits, float[] endLogits);
    }
}
