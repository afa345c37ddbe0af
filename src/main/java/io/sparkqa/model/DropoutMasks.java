package io.sparkqa.model;

import static io.sparkqa.model.SplitMix.GOLDEN;
import static io.sparkqa.model.SplitMix.mix;

import java.nio.ByteBuffer;

/**
 * Dropout by masks drawn on the host: bytes 1 (keep) and 0 (drop) in the order in which the network's program reads them.
 *
 * <p>Each byte depends only on the seed, the step, the window's place in its step, the layer and the position in the
 * window, not on the micro-batch or the other windows of its group. So a step has the same masks after a restart and with
 * any batching of its windows. {@link DropoutBits} draws them.
 */
public final class DropoutMasks implements Dropout {
    private final RobertaConfig config;
    private final long seed;
    private final int hiddenThreshold;
    private final int attentionThreshold;

    /**
     * @param hidden probability of dropping a hidden value, rounded to a multiple of 2^-16
     * @param attention probability of dropping an attention weight, rounded likewise
     */
    public DropoutMasks(RobertaConfig config, long seed, double hidden, double attention) {
        this.config = config;
        this.seed = seed;
        this.hiddenThreshold = (int) Math.round(hidden * 0x10000);
        this.attentionThreshold = (int) Math.round(attention * 0x10000);
    }

    @Override
    public double hidden() {
        return hiddenThreshold / (double) 0x10000;
    }

    @Override
    public double attention() {
        return attentionThreshold / (double) 0x10000;
    }

    @Override
    public int size(MicroBatch batch) {
        if (hiddenThreshold == 0 && attentionThreshold == 0) {
            return 0;
        }
        return Math.addExact(hidden(batch), Math.multiplyExact(layer(batch), config.layers()));
    }

    @Override
    public long seed(long step, MicroBatch batch) {
        return 0;
    }

    private int hidden(MicroBatch batch) {
        return Math.multiplyExact(batch.tokens(), config.hiddenSize());
    }

    private int attention(MicroBatch batch) {
        return Math.multiplyExact(batch.attentionCells(), config.heads());
    }

    private int layer(MicroBatch batch) {
        return Math.addExact(attention(batch), 2 * hidden(batch));
    }

    /**
     * Draws the masks of a micro-batch of N tokens: embeddings [N, H], then for each layer the attention weights of each
     * group [R, heads, S, S], the attention's output [N, H] and the feed-forward output [N, H]. The bytes of a
     * group's padding stay as they are; they have no effect.
     */
    @Override
    public void draw(long step, MicroBatch batch, ByteBuffer keep) {
        DropoutBits bytes = new DropoutBits(keep);
        int cells = 0;
        for (Grouping.Group group : batch.groups()) {
            int token = group.firstToken();
            int windowCells = config.heads() * group.width() * group.width();
            for (int i = 0; i < group.rows(); i++) {
                int row = group.firstRow() + i;
                long key = mix(mix(seed + GOLDEN * step)
                        + GOLDEN * batch.rows().get(row).place());
                draw(bytes, batch, batch.length(row), group.width(), token, cells + i * windowCells, key);
                token += batch.length(row);
            }
            cells += group.cells() * config.heads();
        }
    }

    /**
     * Draws the masks of a window.
     *
     * @param length tokens of the window
     * @param width S of its group
     * @param token index of its first token in the micro-batch
     * @param cells index of its first attention weight in a layer
     */
    private void draw(DropoutBits bytes, MicroBatch batch, int length, int width, int token, int cells, long key) {
        int hidden = hidden(batch);
        int attention = attention(batch);
        int first = token * config.hiddenSize();
        hidden(bytes, first, length, key);
        for (int i = 0; i < config.layers(); i++) {
            int at = hidden + i * layer(batch);
            attention(bytes, at + cells, length, width, mix(key + 3L * i + 1));
            hidden(bytes, at + attention + first, length, mix(key + 3L * i + 2));
            hidden(bytes, at + attention + hidden + first, length, mix(key + 3L * i + 3));
        }
    }

    private void hidden(DropoutBits bytes, int at, int length, long key) {
        bytes.draw(at, length, config.hiddenSize(), config.hiddenSize(), key, hiddenThreshold);
    }

    private void attention(DropoutBits bytes, int at, int length, int width, long key) {
        for (int head = 0; head < config.heads(); head++) {
            bytes.draw(at + head * width * width, length, length, width, mix(key + head), attentionThreshold);
        }
    }
}
