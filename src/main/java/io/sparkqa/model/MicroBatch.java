package io.sparkqa.model;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import io.sparkqa.model.Grouping.Group;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.ToIntFunction;
import java.util.stream.IntStream;
import java.util.stream.LongStream;

/**
 * B windows that go through the network together. Their N tokens are concatenated, without padding unless {@code padTo}
 * asks for it.
 *
 * @param rows the windows, shortest first
 * @param padTo least tokens of a window, padding included; 0 for no padding
 * @param groups the windows in groups of similar length, in the order of the rows; none if one call attends within all windows
 * @param startScale factor of the start labels' cross entropies in the loss
 * @param endScale factor of the end labels' cross entropies
 * @param masks dropout masks; empty if there are none
 * @param seed seed of the device's generator, if that draws the dropout
 */
public record MicroBatch(
        List<Row> rows, int padTo, List<Group> groups, float startScale, float endScale, ByteBuffer masks, long seed) {
    /** A label that takes no part in the loss. */
    public static final int IGNORED = -100;

    private static final int GROUP_COLUMNS = 6;

    private static final ByteBuffer NO_MASKS = ByteBuffer.allocateDirect(0);

    /**
     * A window of a micro-batch.
     *
     * @param ids its tokens, without padding
     * @param start first token of the answer, or {@link #IGNORED}
     * @param end last token of the answer, or {@link #IGNORED}
     * @param place its index in its optimizer step, which determines its dropout
     */
    public record Row(int[] ids, int start, int end, int place) {}

    /**
     * Returns a micro-batch for a forward pass.
     *
     * @param batching that of the network
     * @param windows token ids of each window, shortest first
     */
    public static MicroBatch unlabelled(Batching batching, List<int[]> windows) {
        return of(
                batching,
                windows.stream().map(ids -> new Row(ids, IGNORED, IGNORED, 0)).toList(),
                0,
                0,
                0);
    }

    /**
     * Returns a micro-batch for training, still without dropout, which {@link RobertaForQuestionAnswering#withDropout} adds.
     *
     * @param batching that of the network
     * @param rows the windows, shortest first
     * @param padTo least tokens of a window, or 0 for no padding
     */
    public static MicroBatch of(Batching batching, List<Row> rows, int padTo, float startScale, float endScale) {
        int[] lengths =
                rows.stream().mapToInt(row -> Math.max(row.ids().length, padTo)).toArray();
        List<Group> groups =
                batching.grouping().map(grouping -> grouping.of(lengths)).orElse(List.of());
        return new MicroBatch(rows, padTo, groups, startScale, endScale, NO_MASKS, 0);
    }

    MicroBatch withDropout(ByteBuffer newMasks, long newSeed) {
        return new MicroBatch(rows, padTo, groups, startScale, endScale, newMasks, newSeed);
    }

    /**
     * Cuts a list that is sorted by ascending length into runs of at most {@code budget} tokens. A longer element is a run
     * of its own.
     */
    public static <T> List<List<T>> cut(List<T> sorted, ToIntFunction<T> length, long budget) {
        List<List<T>> runs = new ArrayList<>();
        int from = 0;
        long tokens = 0;
        for (int i = 0; i < sorted.size(); i++) {
            tokens += length.applyAsInt(sorted.get(i));
            boolean last = i + 1 == sorted.size();
            if (last || tokens + length.applyAsInt(sorted.get(i + 1)) > budget) {
                runs.add(sorted.subList(from, i + 1));
                from = i + 1;
                tokens = 0;
            }
        }
        return runs;
    }

    /** Returns N, the number of tokens, padding included. */
    public int tokens() {
        return IntStream.range(0, rows.size()).map(this::length).sum();
    }

    /** Returns the tokens of a window, padding included. */
    int length(int row) {
        return Math.max(rows.get(row).ids().length, padTo);
    }

    /** Returns the cells of the attention matrices of one head, padding included. */
    public int attentionCells() {
        return groups.stream().mapToInt(Group::cells).reduce(0, Math::addExact);
    }

    /**
     * Returns the inputs of a forward pass, under the names that {@code batch_of} in {@code roberta.py} reads.
     *
     * @param host owns the tensors; they are in the host's memory, and the program moves them to the device
     */
    Map<String, NDArray> inputs(NDManager host, int padId) {
        int[] ids = ids(padId);
        Map<String, NDArray> inputs = new HashMap<>();
        inputs.put("ids", host.create(ids));
        inputs.put("positions", host.create(positions(ids, padId)));
        inputs.put(
                "lengths",
                host.create(rows.stream().mapToInt(row -> row.ids().length).toArray()));
        if (groups.isEmpty()) {
            inputs.put("starts", host.create(starts()));
        } else {
            inputs.put("groups", host.create(groupTable(), new Shape(groups.size(), GROUP_COLUMNS)));
            inputs.put("slots", host.create(slots()));
        }
        return inputs;
    }

    /** Returns int32[N]: token ids. */
    int[] ids(int padId) {
        int[] ids = new int[tokens()];
        Arrays.fill(ids, padId);
        int first = 0;
        for (int row = 0; row < rows.size(); row++) {
            int[] window = rows.get(row).ids();
            System.arraycopy(window, 0, ids, first, window.length);
            first += length(row);
        }
        return ids;
    }

    /** Returns int32[N]: position ids, which count the real tokens from the padding id + 1, as RoBERTa does. */
    private int[] positions(int[] ids, int padId) {
        int[] positions = new int[ids.length];
        int token = 0;
        for (int row = 0; row < rows.size(); row++) {
            int last = padId;
            for (int i = 0; i < length(row); i++, token++) {
                positions[token] = ids[token] == padId ? padId : ++last;
            }
        }
        return positions;
    }

    /** Returns int32[B + 1]: the index of each window's first token, then N. */
    private int[] starts() {
        int[] starts = new int[rows.size() + 1];
        for (int row = 0; row < rows.size(); row++) {
            starts[row + 1] = starts[row] + length(row);
        }
        return starts;
    }

    /**
     * Returns int64[G, GROUP_COLUMNS]: for each group its first token, tokens, rows R, width S, first row, and 1 if some of
     * its keys are padding, else 0.
     */
    private long[] groupTable() {
        return groups.stream()
                .flatMapToLong(group -> LongStream.of(
                        group.firstToken(),
                        group.tokens(),
                        group.rows(),
                        group.width(),
                        group.firstRow(),
                        realTokens(group) < group.rows() * group.width() ? 1 : 0))
                .toArray();
    }

    private int realTokens(Group group) {
        return rows.subList(group.firstRow(), group.firstRow() + group.rows()).stream()
                .mapToInt(row -> row.ids().length)
                .sum();
    }

    /** Returns int64[N]: each token's slot among the R · S slots of its group. */
    private long[] slots() {
        long[] slots = new long[tokens()];
        int token = 0;
        for (Group group : groups) {
            for (int row = 0; row < group.rows(); row++) {
                for (int i = 0; i < length(group.firstRow() + row); i++) {
                    slots[token++] = (long) row * group.width() + i;
                }
            }
        }
        return slots;
    }

    /**
     * Returns the inputs of the loss and its gradient, under the names that {@code gradients} in {@code roberta.py} reads.
     *
     * @param paddingInLoss whether padding tokens may be an answer's start or end, as in HuggingFace's model
     */
    Map<String, NDArray> targets(NDManager host, boolean paddingInLoss) {
        int[] candidates = candidates(paddingInLoss);
        return Map.of(
                "candidates", host.create(candidates, new Shape(rows.size(), candidates.length / rows.size())),
                "labels", host.create(labels(), new Shape(2, rows.size())),
                "scale", host.create(new float[] {startScale, endScale}),
                "masks", host.create(masks, new Shape(masks.remaining()), DataType.UINT8),
                "seed", host.create(seed));
    }

    /** Returns int64[2, B]: start labels, then end labels. */
    private long[] labels() {
        return IntStream.concat(
                        rows.stream().mapToInt(Row::start), rows.stream().mapToInt(Row::end))
                .asLongStream()
                .toArray();
    }

    /**
     * Returns int32[B, longest]: for each window the indices, among the N tokens, of those that may start or end an answer,
     * filled up with N.
     */
    private int[] candidates(boolean paddingInLoss) {
        int[] counts = IntStream.range(0, rows.size())
                .map(row -> paddingInLoss ? length(row) : rows.get(row).ids().length)
                .toArray();
        int longest = IntStream.of(counts).max().orElse(0);
        int[] candidates = new int[rows.size() * longest];
        Arrays.fill(candidates, tokens());
        int first = 0;
        for (int row = 0; row < rows.size(); row++) {
            for (int i = 0; i < counts[row]; i++) {
                candidates[row * longest + i] = first + i;
            }
            first += length(row);
        }
        return candidates;
    }
}
