package io.sparkqa.torch;

import com.sun.jna.Function;

/**
 * Gives memory that tensors have left behind back to the system. Tensors whose sizes change from step to step leave holes
 * which others do not fit; malloc keeps them, and a long training would hold ever more memory. What was given back must
 * be fetched anew, for a tenth of a step's time and more, so that is done only when holes have come together.
 */
public final class NativeMemory {
    /** What the process may hold, as a multiple of what it was seen to need. */
    private static final double BOUND = 4.0 / 3;

    private double needed;
    private boolean givenBack;

    /**
     * To be called between two steps. What the process holds after the first step that follows on giving back has no
     * holes yet: the most of that is what a step needs. If it holds more than a third above that, what is free is given
     * back, by glibc's {@code malloc_trim}; on another system nothing is done.
     */
    public void release() {
        ProcessMemory.resident().ifPresent(this::release);
    }

    private void release(double held) {
        if (givenBack) {
            needed = Math.max(needed, held);
            givenBack = false;
        } else if (held > BOUND * needed) {
            giveBack();
            givenBack = true;
        }
    }

    private static void giveBack() {
        try {
            Function.getFunction("c", "malloc_trim").invokeInt(new Object[] {0L});
        } catch (LinkageError e) {
            // another C library, which has none, or no place that JNA may load its own from
        }
    }
}
