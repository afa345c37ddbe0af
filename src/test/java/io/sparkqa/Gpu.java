package io.sparkqa;

import static org.junit.jupiter.api.Assumptions.abort;

import ai.djl.Device;
import io.sparkqa.config.WrongUse;
import io.sparkqa.torch.Hardware;

/** The GPU of the tests tagged {@code gpu}. */
public final class Gpu {
    private Gpu() {}

    /** Returns the first GPU; without one that can be used, the calling test is skipped with the reason. */
    public static Device orSkip() {
        try {
            return Hardware.device("cuda:0");
        } catch (WrongUse e) {
            return abort(e.getMessage());
        }
    }
}
