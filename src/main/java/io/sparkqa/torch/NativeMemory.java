package io.sparkqa.torch;

import com.sun.jna.Function;

/**
 * Returns memory that freed tensors leave in malloc's heap to the system. The sizes of tensors change from step to step, so
 * they leave holes that later tensors do not fit, and a long training would hold ever more memory. Fetching returned
 * memory again takes a tenth of a step's time or more, so this happens only when many holes have accumulated.
 */
public final class NativeMemory {
    /** Most that the process may hold, as a multiple of what a step was seen to need. */
    private static final double BOUND = 4.0 / 3;

    private double needed;
    private boolean givenBack;

    /**
     * Returns free memory by glibc's {@code malloc_trim} if the process holds more than a third above what a step was seen
     * to need. Does nothing on another system.
     */
    public void beforeStep() {
        ProcessMemory.resident().ifPresent(held -> {
            if (held > BOUND * needed) {
                giveBack();
                givenBack = true;
            }
        });
    }

    /** Notes what the process holds now as needed, if the step began without holes. */
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
            // a C library without malloc_trim, or JNA could not load its native part
        }
    }
}
