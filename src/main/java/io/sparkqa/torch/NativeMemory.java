package io.sparkqa.torch;

import com.sun.jna.Function;

/**
 * Returns the holes that freed tensors leave in malloc's heap to the system. The sizes of tensors change from step to step,
 * so later tensors do not fit the holes, and a long training would hold ever more memory. Allocating returned memory again
 * takes a tenth of a step's time or more, so memory is returned only when many holes have accumulated.
 */
public final class NativeMemory {
    /** Most memory that the process may hold, as a multiple of what a step has needed. */
    private static final double BOUND = 4.0 / 3;

    private double needed;
    private boolean givenBack;

    /**
     * Returns free memory by glibc's {@code malloc_trim} if the process holds a third more than a step has needed. Does
     * nothing on another system.
     */
    public void beforeStep() {
        ProcessMemory.resident().ifPresent(held -> {
            if (held > BOUND * needed) {
                giveBack();
                givenBack = true;
            }
        });
    }

    /** Takes the memory that the process holds now as what a step needs, if the step began without holes. */
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
            // The C library has no malloc_trim, or JNA could not load its native part.
        }
    }
}
