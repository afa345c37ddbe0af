package io.sparkqa.train;

import io.sparkqa.model.MicroBatch;
import io.sparkqa.window.Window;
import io.sparkqa.window.WindowTable;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.function.Function;
import java.util.function.ToIntFunction;
import java.util.stream.IntStream;

/**
 * Which windows an optimizer step sees, and how they are batched.
 *
 * <p>An epoch is a permutation of the windows, a batch the next {@code batch} of it (the epoch's last one may be
 * smaller), a step {@code accumulation} batches. Only then are a batch's windows sorted by length and cut into
 * micro-batches under the token budget, so the budget changes the speed and not the result.
 *
 * <p>Safe for use by several threads.
 */
final class WindowBatches {
    private final WindowTable windows;
    private final WindowOrder order;
    private final int batch;
    private final int accumulation;
    private final int tokenBudget;
    private final int padTo;
    private final int padId;
    private long epoch = -1;
    private int[] permutation = {};

    /**
     * @param tokenBudget tokens of a micro-batch; a single longer window is a micro-batch of its own
     * @param padTo width of every micro-batch, or 0: as wide as its longest window
     */
    WindowBatches(
            WindowTable windows,
            WindowOrder order,
            int batch,
            int accumulation,
            int tokenBudget,
            int padTo,
            int padId) {
        this.windows = windows;
        this.order = order;
        this.batch = batch;
        this.accumulation = accumulation;
        this.tokenBudget = tokenBudget;
        this.padTo = padTo;
        this.padId = padId;
    }

    /**
     * Windows whose gradients are averaged.
     *
     * @param startScale 1 / (2 · windows with a start label · batches of the step)
     * @param endScale the same for end labels
     * @param tokens real tokens
     */
    record Batch(List<MicroBatch> microBatches, float startScale, float endScale, int windows, int tokens) {}

    long stepsPerEpoch() {
        return ceil(ceil(windows.size(), batch), accumulation);
    }

    private static long ceil(long amount, long unit) {
        return (amount + unit - 1) / unit;
    }

    /** Returns the batches of a step; steps count from 0 over all epochs. */
    synchronized List<Batch> of(long step) {
        seek(step / stepsPerEpoch());
        long first = step % stepsPerEpoch() * accumulation;
        int count = (int) Math.min(accumulation, ceil(windows.size(), batch) - first);
        List<Batch> batches = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            int from = Math.toIntExact((first + i) * batch);
            int to = Math.min(from + batch, windows.size());
            batches.add(batch(Arrays.copyOfRange(permutation, from, to), i * batch, count));
        }
        return batches;
    }

    /** Returns the windows of a step, in the order of the epoch. */
    synchronized List<Window> windows(long step) {
        seek(step / stepsPerEpoch());
        long first = step % stepsPerEpoch() * accumulation * batch;
        return Arrays.stream(permutation)
                .skip(first)
                .limit((long) accumulation * batch)
                .mapToObj(windows::get)
                .toList();
    }

    private void seek(long wanted) {
        if (epoch != wanted) {
            permutation = order.of(windows.size(), wanted);
            epoch = wanted;
        }
    }

    private Batch batch(int[] members, int firstPlace, int batches) {
        List<Placed> sorted = IntStream.range(0, members.length)
                .mapToObj(i -> new Placed(windows.get(members[i]), firstPlace + i))
                .sorted(Comparator.comparingInt(Placed::length))
                .toList();
        List<MicroBatch> microBatches = MicroBatch.cut(sorted, placed -> padded(placed.length()), tokenBudget).stream()
                .map(this::microBatch)
                .toList();
        return new Batch(
                microBatches,
                scale(microBatches, MicroBatch::starts, batches),
                scale(microBatches, MicroBatch::ends, batches),
                members.length,
                sorted.stream().mapToInt(Placed::length).sum());
    }

    /** A window and its place in the step, which keys its dropout. */
    private record Placed(Window window, int place) {
        int length() {
            return window.inputIds().length;
        }
    }

    private MicroBatch microBatch(List<Placed> rows) {
        List<int[]> tokens = rows.stream().map(row -> row.window().inputIds()).toList();
        return MicroBatch.unlabelled(tokens, padTo, padId)
                .labelled(
                        each(rows, row -> label(row.window().startPosition(), padded(row.length()))),
                        each(rows, row -> label(row.window().endPosition(), padded(row.length()))),
                        each(rows, Placed::place));
    }

    private int padded(int length) {
        return Math.max(length, padTo);
    }

    private static int[] each(List<Placed> rows, ToIntFunction<Placed> value) {
        return rows.stream().mapToInt(value).toArray();
    }

    /** A label at or behind the end is ignored, one before the beginning is 0, as in HuggingFace's model. */
    private static int label(int position, int width) {
        return position < width ? Math.max(position, 0) : MicroBatch.IGNORED;
    }

    private static float scale(List<MicroBatch> microBatches, Function<MicroBatch, int[]> labels, int batches) {
        long counted = microBatches.stream()
                .flatMapToInt(microBatch -> IntStream.of(labels.apply(microBatch)))
                .filter(label -> label != MicroBatch.IGNORED)
                .count();
        return (float) (0.5 / (Math.max(1, counted) * batches));
    }
}
