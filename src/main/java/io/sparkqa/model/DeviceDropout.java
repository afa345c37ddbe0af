package io.sparkqa.model;

import java.nio.ByteBuffer;

/** Dropout from the device's generator. Each micro-batch seeds it anew, so that a resumed run draws the same masks. */
record DeviceDropout(long runSeed, double hidden, double attention) implements Dropout {
    @Override
    public int size(MicroBatch batch) {
        return 0;
    }

    @Override
    public void draw(long step, MicroBatch batch, ByteBuffer masks) {
        throw new UnsupportedOperationException("the device draws its masks itself");
    }

    @Override
    public long seed(long step, MicroBatch batch) {
        return SplitMix.mix(SplitMix.mix(runSeed + SplitMix.GOLDEN * step)
                + SplitMix.GOLDEN * batch.rows().get(0).place());
    }
}
