package io.sparkqa.model;

import ai.djl.Device;
import io.sparkqa.torch.Hardware;
import java.util.Arrays;
import java.util.Optional;

/**
 * How a device takes windows.
 *
 * @param grouping groups a micro-batch's windows for attention; empty if one call attends within all of them
 * @param trainTokens tokens of a micro-batch in training, if the settings leave them to the device
 * @param decodeTokens tokens of a forward pass without gradients, if the settings leave them to the device
 * @param runsAhead whether the device computes while Java goes on, so that Java should ask for results late and rarely
 */
public record Batching(Optional<Grouping> grouping, int trainTokens, int decodeTokens, boolean runsAhead) {
    /** What suits a CPU: small groups, whose attention matrices stay in its cache. */
    public static final Batching ON_CPU = new Batching(Optional.of(Grouping.FOR_CACHES), 4096, 8192, false);

    /** Most tokens of a pass on a GPU. Beyond them, a GPU gains little. */
    private static final int MOST_TOKENS = 65_536;

    private static final int LEAST_TOKENS = 1024;

    /** Heads of flash attention are multiples of 8 values, up to this many. */
    private static final int WIDEST_HEAD = 256;

    /** Share of a GPU's memory that a training step may fill, and that a pass without gradients may fill. */
    private static final double TRAIN_SHARE = 0.6;

    private static final double DECODE_SHARE = 0.2;

    /** Bytes of a weight in training: value, gradient, two moments, and the copy of a step. */
    private static final int BYTES_OF_A_WEIGHT = 20;

    /**
     * Bytes that a training step keeps for each token, layer and hidden value in bfloat16: on an H100, 8.4 to 15.8 GB for 96
     * to 192 windows of RoBERTa-base.
     */
    private static final int TRAIN_BYTES = 48;

    /** Bytes that a pass without gradients holds for each token and hidden value, in one layer at a time. */
    private static final int DECODE_BYTES = 60;

    /**
     * Returns the batching of a network.
     *
     * @param bfloat16 whether the linear layers multiply in bfloat16
     * @param padded whether windows may be padded
     */
    static Batching on(Device device, RobertaConfig config, boolean bfloat16, boolean padded) {
        if (!device.isGpu()) {
            return ON_CPU;
        }
        int headSize = config.hiddenSize() / config.heads();
        boolean packed = bfloat16
                && !padded
                && headSize % 8 == 0
                && headSize <= WIDEST_HEAD
                && Hardware.hasFlashAttention(device);
        return onGpu(Hardware.availableMemory(device), config, bfloat16, packed);
    }

    /**
     * Returns the batching of a network on a GPU.
     *
     * @param memory of the GPU that this process may count on, in bytes
     * @param packed whether one call attends within all windows
     */
    static Batching onGpu(long memory, RobertaConfig config, boolean bfloat16, boolean packed) {
        double width = bfloat16 ? 1 : 2;
        double weights = BYTES_OF_A_WEIGHT * weights(config);
        double token = width * TRAIN_BYTES * config.layers() * config.hiddenSize();
        return new Batching(
                packed ? Optional.empty() : Optional.of(Grouping.FOR_GPUS),
                tokens((TRAIN_SHARE * memory - weights) / token),
                tokens(DECODE_SHARE * memory / (width * DECODE_BYTES * config.hiddenSize())),
                true);
    }

    private static double weights(RobertaConfig config) {
        return config.tensors().values().stream()
                .mapToDouble(shape -> Arrays.stream(shape).reduce(1, Math::multiplyExact))
                .sum();
    }

    /** Rounds down, so that GPUs of nearly the same memory have the same number. */
    private static int tokens(double fitting) {
        int thousands = (int) (Math.min(fitting, MOST_TOKENS) / LEAST_TOKENS);
        return Math.max(1, thousands) * LEAST_TOKENS;
    }

    /** Returns whether one call attends within all windows of a micro-batch. */
    boolean packed() {
        return grouping.isEmpty();
    }
}
