package io.sparkqa.model;

import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import java.util.Arrays;
import java.util.stream.LongStream;

/**
 * A micro-batch as the network's program takes it. The indices are plain arrays, so they can be made on another thread
 * than the one that computes.
 *
 * @param positions int32[N]: RoBERTa's position ids, counted from the padding id + 1 and skipping padding tokens
 * @param groups int64[G, 6]: of each group the first token, tokens, rows R, width S, first
 *     row, and whether some of its keys are padding
 * @param packed int64[N]: for each token its place in its group's R · S
 * @param spread int32[B, longest]: each window's tokens that may be an answer's start or end, as index into N; N at
 *     places that may not
 */
record BatchTensors(MicroBatch batch, int[] positions, long[] groups, long[] packed, int[] spread) {

    /**
     * @param paddingInLoss whether padding tokens may be an answer's start or end, as in HuggingFace's model
     */
    static BatchTensors of(MicroBatch batch, int padId, boolean paddingInLoss) {
        return new BatchTensors(
                batch, positions(batch, padId), groups(batch), packed(batch), spread(batch, paddingInLoss));
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
     * Returns ids, positions, groups, packed, real lengths, spread, and the number of attention cells of all
     * heads.
     */
    NDList on(NDManager scope, int heads) {
        return new NDList(
                scope.create(batch.ids()),
                scope.create(positions),
                scope.create(groups, new Shape(batch.groups().size(), 6)),
                scope.create(packed),
                scope.create(batch.real()),
                scope.create(spread, new Shape(batch.rows(), spread.length / batch.rows())),
                scope.create((long) Math.multiplyExact(batch.attentionCells(), heads)));
    }
}
