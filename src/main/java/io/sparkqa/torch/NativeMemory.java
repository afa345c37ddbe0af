package io.sparkqa.torch;

import com.sun.jna.Function;
import com.sun.jna.Platform;
import java.util.concurrent.TimeUnit;

/**
 * Gives memory that tensors have left behind back to the system. Tensors whose sizes change from step to step leave holes
 * which others do not fit; malloc keeps them, and a long training would hold ever more memory.
 */
public final class NativeMemory {
    /** Fetching memory anew takes tenths of a second, so it is given back no oftener than this. */
    private static final long INTERVAL = TimeUnit.SECONDS.toNanos(20);

    private long last = System.nanoTime();

    /** Gives back what is free, by glibc's {@code malloc_trim}, if that was not done just now; elsewhere does nothing. */
    public void release() {
        if (Platform.isLinux() && System.nanoTime() - last > INTERVAL) {
            try {
                Function.getFunction("c", "malloc_trim").invokeInt(new Object[] {0L});
            } catch (LinkageError e) {
                // another C library, which has none, or no place that JNA may load its own from
            }
            last = System.nanoTime();
        }
    }
}
