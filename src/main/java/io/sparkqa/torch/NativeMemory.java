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
     * Gives back what is free, by glibc's {@code malloc_trim}, if the process holds more than a third above what a step was
     * seen to need; on another system does nothing.
     */
    public void beforeStep() {
        ProcessMemory.resident().ifPresent(held -> {
            if (held > BOUND * needed) {
                giveBack();
                givenBack = true;
            }
        });
    }

    /** After a step that began without holes: what the process holds now is needed, and the most of that counts. */
    public void afterStep() {
        if (givenBack) {
            ProcessMemory.resident().ifPresent(held -> needed = Math.max(needed, held));
            givenBack = false;
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
