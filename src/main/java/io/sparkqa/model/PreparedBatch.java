package io.sparkqa.model;

import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.stream.IntStream;
import java.util.stream.LongStream;

/**
 * A micro-batch as the network's program takes it: plain arrays, which can be made on another thread than the one that
 * computes.
 *
 * @param positions int32[N]: RoBERTa's position ids, counted from the padding id + 1 and skipping padding tokens
 * @param groups int64[G, 6]: of each group the first token, tokens, rows R, width S, first row, and whether some of its
 *     keys are padding
 * @param packed int64[N]: for each token its place in its group's R · S
 * @param spread int32[B, longest]: each window's tokens that may be an answer's start or end, as index into N; N at
 *     places that may not
 * @param keep dropout masks; of no size if there are none
 * @param seed of the device's own dropout
 */
public record PreparedBatch(
        MicroBatch batch, int[] positions, long[] groups, long[] packed, int[] spread, ByteBuffer keep, long seed) {

    /**
     * @param paddingInLoss whether padding tokens may be an answer's start or end, as in HuggingFace's model
     */
    static PreparedBatch of(MicroBatch batch, int padId, boolean paddingInLoss, ByteBuffer keep, long seed) {
        return new PreparedBatch(
                batch, positions(batch, padId), groups(batch), packed(batch), spread(batch, paddingInLoss), keep, seed);
    }

    private static int[] positions(MicroBatch batch, int padId) {
        int[] positions = new int[batch.tokens()];
        int token = 0;
        for (int length : batch.lengths()) {
            int last = padId;
            for (int i = 0; i < length; i++, token++) {
                positions[token] = batch.ids()[token] == padId ? padId : ++last;
            }
        }
        return positions;
    }

    private static long[] groups(MicroBatch batch) {
        return batch.groups().stream()
                .flatMapToLong(group -> LongStream.of(
                        group.firstToken(),
                        group.tokens(),
                        group.rows(),
                        group.width(),
                        group.firstRow(),
                        real(batch, group) < (long) group.rows() * group.width() ? 1 : 0))
                .toArray();
    }

    private static int real(MicroBatch batch, MicroBatch.Group group) {
        return Arrays.stream(batch.real(), group.firstRow(), group.firstRow() + group.rows())
                .sum();
    }

    private static long[] packed(MicroBatch batch) {
        long[] packed = new long[batch.tokens()];
        int token = 0;
        for (MicroBatch.Group group : batch.groups()) {
            for (int row = 0; row < group.rows(); row++) {
                for (int i = 0; i < batch.lengths()[group.firstRow() + row]; i++) {
                    packed[token++] = (long) row * group.width() + i;
                }
            }
        }
        return packed;
    }

    private static int[] spread(MicroBatch batch, boolean paddingInLoss) {
        int[] candidates = paddingInLoss ? batch.lengths() : batch.real();
        int longest = Arrays.stream(candidates).max().orElse(0);
        int[] spread = new int[batch.rows() * longest];
        Arrays.fill(spread, batch.tokens());
        int first = 0;
        for (int row = 0; row < batch.rows(); row++) {
            for (int i = 0; i < candidates[row]; i++) {
                spread[row * longest + i] = first + i;
            }
            first += batch.lengths()[row];
        }
        return spread;
    }

    /**
     * Returns the tensors of a forward pass: ids, positions, groups, packed, real lengths.
     *
     * @param host owns them; they lie in the host's memory, and the program moves them
     */
    NDList forward(NDManager host) {
        return new NDList(
                host.create(batch.ids()),
                host.create(positions),
                host.create(groups, new Shape(batch.groups().size(), 6)),
                host.create(packed),
                host.create(batch.real()));
    }

    /**
     * Returns what the loss and its gradient need besides: spread, labels int64[2, B], dropout masks, the number of
     * attention cells of all heads, the seed of the device's dropout.
     */
    NDList training(NDManager host, int heads) {
        return new NDList(
                host.create(spread, new Shape(batch.rows(), spread.length / batch.rows())),
                host.create(
                        IntStream.concat(IntStream.of(batch.starts()), IntStream.of(batch.ends()))
                                .asLongStream()
                                .toArray(),
                        new Shape(2, batch.rows())),
                host.create(keep, new Shape(keep.remaining()), DataType.UINT8),
                host.create((long) Math.multiplyExact(batch.attentionCells(), heads)),
                host.create(seed));
    }
}
