package io.sparkqa.decode;

import io.sparkqa.window.Window;
import java.util.List;

/** Whatever computes start and end logits of windows: a network, or a test's stand-in. */
@FunctionalInterface
public interface WindowLogits extends AutoCloseable {
    /** Computes the logits of all windows, in any order, and hands them over one window after the other. */
    void run(List<Window> windows, Sink sink);

    /** Frees what the computation holds. */
    @Override
    default void close() {}

    /** Takes the logits of one window. */
    @FunctionalInterface
    interface Sink {
        /**
         * Takes them; the arrays are the taker's.
         *
         * @param startLogits float[length of the window]
         * @param endLogits float[length of the window]
         */
        void accept(Window window, float[] startLogits, float[] endLogits);
    }
}
