package io.sparkqa.decode;

import io.sparkqa.window.Window;
import java.util.Iterator;
import java.util.List;

/** Computes the start and end logits of windows. */
@FunctionalInterface
public interface WindowLogits extends AutoCloseable {
    /** Computes the logits of all windows, in any order, and passes them to the sink, one window at a time. */
    void run(List<Window> windows, Sink sink);

    /**
     * Computes blocks of windows, as the caller asks for them. A forward pass never holds windows of two blocks, so a block's
     * logits do not depend on its neighbours. A device that computes while Java goes on is sent the next block's first windows
     * with the last ones of a block.
     *
     * @param blocks are read one after another, at most as many as a forward pass ahead
     */
    default <B extends Block> Stream<B> stream(Iterator<B> blocks) {
        return new Stream<>() {
            @Override
            public boolean hasNext() {
                return blocks.hasNext();
            }

            @Override
            public B next() {
                B block = blocks.next();
                run(block.windows(), block);
                return block;
            }
        };
    }

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

    /** Windows that are computed together, and what receives their logits. */
    interface Block extends Sink {
        /** Returns the windows, of which there may be none. */
        List<Window> windows();

        /** Returns a block of windows whose logits a sink receives. */
        static Block of(List<Window> windows, Sink sink) {
            return new Block() {
                @Override
                public List<Window> windows() {
                    return windows;
                }

                @Override
                public void accept(Window window, float[] startLogits, float[] endLogits) {
                    sink.accept(window, startLogits, endLogits);
                }
            };
        }
    }

    /** Blocks in the order in which they were given, each after it has received the logits of all its windows. */
    interface Stream<B extends Block> extends Iterator<B>, AutoCloseable {
        /** Ends the computation of blocks that nobody has asked for. */
        @Override
        default void close() {}
    }
}
