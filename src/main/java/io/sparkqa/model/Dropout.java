package io.sparkqa.model;

import ai.djl.Device;
import java.nio.ByteBuffer;

/** The dropout of a training run: how likely it drops, and where its random bits come from. */
public sealed interface Dropout permits DropoutMasks, DeviceDropout {
    /**
     * Chooses the source: bits of our own on the CPU, where libtorch's cost ten times as much, and the device's
     * generator on a GPU.
     *
     * @param hidden probability of dropping a hidden value
     * @param attention probability of dropping an attention weight
     */
    static Dropout on(Device device, RobertaConfig config, long seed, double hidden, double attention) {
        return device.isGpu()
                ? new DeviceDropout(seed, hidden, attention)
                : new DropoutMasks(config, seed, hidden, attention);
    }

    /** No dropout. */
    static Dropout none(RobertaConfig config) {
        return new DropoutMasks(config, 0, 0, 0);
    }

    /** Probability of dropping a hidden value. */
    double hidden();

    /** Probability of dropping an attention weight. */
    double attention();

    /** Bytes of the masks of a micro-batch; 0 if it needs none. */
    int size(MicroBatch batch);

    /** Draws the masks of a micro-batch that needs some into a buffer of at least that size, from its beginning. */
    void draw(long step, MicroBatch batch, ByteBuffer keep);

    /** Seed of the device's generator for a micro-batch in a step. */
    long seed(long step, MicroBatch batch);
}
