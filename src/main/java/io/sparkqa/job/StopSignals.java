package io.sparkqa.job;

import java.util.Map;
import java.util.function.BooleanSupplier;
import org.jline.utils.Signals;

/**
 * The signals that ask a process to stop. SIGUSR1 is what schedulers send ahead of a time limit: it ends any stage with
 * {@link Stage#STOPPED}; SIGTERM and SIGINT do so where the stage can stop in good order, and end it as the JVM does
 * otherwise.
 */
final class StopSignals {
    /** Exit codes at once, by signal: 128 and the signal's number, as shells have it. */
    private static final Map<String, Integer> CODES = Map.of("USR1", Stage.STOPPED, "TERM", 143, "INT", 130);

    private StopSignals() {}

    /**
     * Handles them from now on.
     *
     * @param stopInGoodOrder asks the work to stop; false: it can't
     */
    static void handle(BooleanSupplier stopInGoodOrder) {
        CODES.forEach((signal, code) -> Signals.register(signal, () -> {
            if (!stopInGoodOrder.getAsBoolean()) {
                System.exit(code);
            }
        }));
    }
}
