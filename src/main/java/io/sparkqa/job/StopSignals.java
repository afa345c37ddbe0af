package io.sparkqa.job;

import java.util.Map;
import java.util.function.BooleanSupplier;
import org.jline.utils.Signals;

/**
 * Handles the signals that ask a process to stop. SIGUSR1, which schedulers send before a time limit, ends any stage with exit
 * code {@link Stage#STOPPED}. SIGTERM and SIGINT do so if the stage can stop cleanly; otherwise they end it as usual.
 */
final class StopSignals {
    /** Exit code of a stage that can't stop cleanly, by signal: 128 plus the signal's number, as in shells. */
    private static final Map<String, Integer> CODES = Map.of("USR1", Stage.STOPPED, "TERM", 143, "INT", 130);

    private StopSignals() {}

    /**
     * Handles the signals from now on.
     *
     * @param stopCleanly asks the work to stop; returns false if it can't
     */
    static void handle(BooleanSupplier stopCleanly) {
        CODES.forEach((signal, code) -> Signals.register(signal, () -> {
            if (!stopCleanly.getAsBoolean()) {
                System.exit(code);
            }
        }));
    }
}
