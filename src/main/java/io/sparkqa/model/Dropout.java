package io.sparkqa.model;

import ai.djl.Device;
import java.nio.ByteBuffer;

/** The dropout of a training run: its probabilities and the source of its random bits. */
public sealed interface Dropout permits DropoutMasks, DeviceDropout {
    /**
     * Chooses the source of the random bits: on a GPU the device's generator, on a CPU {@link DropoutMasks}, which take a
     * tenth of the time of libtorch's generator.
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

    /** Returns the size of a micro-batch's masks in bytes; 0 if it needs none. */
    int size(MicroBatch batch);

    /** Draws the masks of a micro-batch into the first {@link #size} bytes of a buffer. */
    void draw(long step, MicroBatch batch, ByteBuffer masks);

    /** Returns the seed of the device's generator for a micro-batch of a step. */
    long seed(long step, MicroBatch batch);
}
