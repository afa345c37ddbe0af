package io.sparkqa.model;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * Dropout masks of a micro-batch: bytes 1 (keep) and 0 (drop) in the order in which the network reads them.
 *
 * <p>Each byte depends on the seed, the step, the window's place in its step, the layer and the position among the
 * window's real tokens, and on nothing else: not on the micro-batch or the padding around the window. So a step's
 * masks stay the same however its windows are batched, and after a restart. Random bits are those of splitmix64
 * (Steele, Lea and Flood 2014) in counter mode, 16 of them for a byte.
 */
public final class DropoutMasks {
    private static final long GOLDEN = 0x9E3779B97F4A7C15L;

    private final RobertaConfig config;
    private final long seed;
    private final int hiddenThreshold;
    private final int attentionThreshold;

    /**
     * @param hidden probability of dropping a hidden value
     * @param attention probability of dropping an attention weight
     */
    public DropoutMasks(RobertaConfig config, long seed, double hidden, double attention) {
        this.config = config;
        this.seed = seed;
        this.hiddenThreshold = (int) Math.round(hidden * 0x10000);
        this.attentionThreshold = (int) Math.round(attention * 0x10000);
    }

    /** What a kept hidden value is multiplied by, so that its expectation stays. */
    double hiddenScale() {
        return 1 / (1 - hiddenThreshold / (double) 0x10000);
    }

    /** What a kept attention weight is multiplied by. */
    double attentionScale() {
        return 1 / (1 - attentionThreshold / (double) 0x10000);
    }

    /** Whether nothing is ever dropped. */
    public boolean none() {
        return hiddenThreshold == 0 && attentionThreshold == 0;
    }

    /**
     * Draws the masks of a micro-batch of N tokens: embeddings [N, H], then for each layer the attention weights of each
     * group [R, heads, S, S], the attention's output [N, H] and the feed-forward output [N, H].
     *
     * @param step the optimizer step
     */
    public ByteBuffer draw(long step, MicroBatch batch) {
        int hidden = Math.multiplyExact(batch.tokens(), config.hiddenSize());
        int attention = Math.multiplyExact(batch.attentionCells(), config.heads());
        int layer = Math.addExact(attention, 2 * hidden);
        ByteBuffer keep = ByteBuffer.allocateDirect(Math.addExact(hidden, Math.multiplyExact(layer, config.layers())))
                .order(ByteOrder.LITTLE_ENDIAN);
        int cells = 0;
        for (MicroBatch.Group group : batch.groups()) {
            int token = group.firstToken();
            for (int row = 0; row < group.rows(); row++) {
                int window = group.firstRow() + row;
                long key = mix(mix(seed + GOLDEN * step) + GOLDEN * batch.places()[window]);
                int length = batch.real()[window];
                int first = token * config.hiddenSize();
                int values = length * config.hiddenSize();
                fill(keep, first, values, key, hiddenThreshold);
                for (int i = 0; i < config.layers(); i++) {
                    int at = hidden + i * layer;
                    attention(keep, at + cells, row, length, group.width(), mix(key + 3L * i + 1));
                    fill(keep, at + attention + first, values, mix(key + 3L * i + 2), hiddenThreshold);
                    fill(keep, at + attention + hidden + first, values, mix(key + 3L * i + 3), hiddenThreshold);
                }
                token += batch.lengths()[window];
            }
            cells += group.cells() * config.heads();
        }
        return keep;
    }

    private void attention(ByteBuffer keep, int at, int row, int length, int width, long key) {
        for (int head = 0; head < config.heads(); head++) {
            for (int query = 0; query < length; query++) {
                int place = at + ((row * config.heads() + head) * width + query) * width;
                fill(keep, place, length, mix(key + GOLDEN * (head * 0x10000L + query)), attentionThreshold);
            }
        }
    }

    private static void fill(ByteBuffer keep, int from, int count, long key, int threshold) {
        long counter = key;
        int i = 0;
        for (; i + 4 <= count; i += 4) {
            long bits = mix(counter += GOLDEN);
            int bytes = kept(bits, threshold)
                    | kept(bits >>> 16, threshold) << 8
                    | kept(bits >>> 32, threshold) << 16
                    | kept(bits >>> 48, threshold) << 24;
            keep.putInt(from + i, bytes);
        }
        for (long bits = mix(counter + GOLDEN); i < count; i++, bits >>>= 16) {
            keep.put(from + i, (byte) kept(bits, threshold));
        }
    }

    private static int kept(long bits, int threshold) {
        return (threshold - 1 - (int) (bits & 0xffff)) >>> 31;
    }

    private static long mix(long z) {
        z = (z ^ z >>> 30) * 0xBF58476D1CE4E5B9L;
        z = (z ^ z >>> 27) * 0x94D049BB133111EBL;
        return z ^ z >>> 31;
    }
}
