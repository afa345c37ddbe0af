package io.sparkqa.bench;

import ai.djl.Device;
import io.sparkqa.model.RobertaConfig;

/**
 * The part of a device's peak that a training uses: the floating point operations per second of its matrix products, as a
 * share of those of one large matrix product.
 */
public final class PeakShare {
    private final NetworkOperations operations;
    private final double peak;

    private PeakShare(NetworkOperations operations, double peak) {
        this.operations = operations;
        this.peak = peak;
    }

    /** Measures the peak, which takes less than a second. */
    public static PeakShare measure(RobertaConfig network, Device device, boolean bfloat16) throws Exception {
        return new PeakShare(new NetworkOperations(network), MatrixPeak.quickly(device, bfloat16));
    }

    /** Returns the share of a training that took so many seconds, with its windows counted as equally long. */
    public double of(int windows, long tokens, double seconds) {
        int meanLength = Math.round((float) tokens / windows);
        return windows * operations.training(new int[] {meanLength}) / seconds / peak;
    }
}
