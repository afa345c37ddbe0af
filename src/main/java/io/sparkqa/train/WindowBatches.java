package io.sparkqa.train;

import io.sparkqa.config.Experiment;
import io.sparkqa.model.Batching;
import io.sparkqa.model.MicroBatch;
import io.sparkqa.window.Window;
import io.sparkqa.window.WindowTable;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.function.ToIntFunction;
import java.util.stream.IntStream;

/**
 * Chooses the windows of each optimizer step and batches them.
 *
 * <p>An epoch is a permutation of the windows, a batch its next {@code batch} windows (the epoch's last batch may be
 * smaller), a step {@code accumulation} batches. Each batch's windows are then sorted by length and cut into micro-batches
 * within the token budget, so the budget changes the speed and not the result.
 *
 * <p>Thread-safe.
 */
final class WindowBatches {
    private final Batching batching;
    private final WindowTable windows;
    private final WindowOrder order;
    private final int batch;
    private final int accumulation;
    private final int tokenBudget;
    private final int padTo;
    private long epoch = -1;
    private int[] permutation = {};

    /**
     * @param batching that of the network
     * @param tokenBudget tokens of a micro-batch; a single longer window is a micro-batch of its own
     * @param padTo least tokens of a window, padding included; 0 for no padding
     */
    WindowBatches(
            Batching batching,
            WindowTable windows,
            WindowOrder order,
            int batch,
            int accumulation,
            int tokenBudget,
            int padTo) {
        this.batching = batching;
        this.windows = windows;
        this.order = order;
        this.batch = batch;
        this.accumulation = accumulation;
        this.tokenBudget = tokenBudget;
        this.padTo = padTo;
    }

    /**
     * @param maxLength width of every window if {@code train.pad_to_max_length} is set
     */
    static WindowBatches of(
            Experiment.Train settings, Batching batching, WindowTable windows, WindowOrder order, int maxLength) {
        return new WindowBatches(
                batching,
                windows,
                order,
                settings.batch(),
                settings.accumulation(),
                settings.tokenBudget().or(batching.trainTokens()),
                settings.padToMaxLength() ? maxLength : 0);
    }

    long stepsPerEpoch() {
        return ceil(ceil(windows.size(), batch), accumulation);
    }

    private static long ceil(long amount, long unit) {
        return (amount + unit - 1) / unit;
    }

    /** Returns the micro-batches of a step, still without dropout; steps count from 0 over all epochs. */
    List<MicroBatch> of(long step) {
        List<Window> members = windows(step);
        int batches = Math.toIntExact(ceil(members.size(), batch));
        List<MicroBatch> microBatches = new ArrayList<>();
        for (int from = 0; from < members.size(); from += batch) {
            int to = Math.min(from + batch, members.size());
            microBatches.addAll(microBatches(members.subList(from, to), from, batches));
        }
        return microBatches;
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

    /**
     * Cuts a batch into micro-batches. A batch's loss is the mean over its windows with a label; a step's loss is the mean
     * over its batches.
     *
     * @param firstPlace index of the batch's first window in the step
     * @param batches number of batches of the step
     */
    private List<MicroBatch> microBatches(List<Window> members, int firstPlace, int batches) {
        List<MicroBatch.Row> rows = IntStream.range(0, members.size())
                .mapToObj(i -> row(members.get(i), firstPlace + i))
                .sorted(Comparator.comparingInt(row -> row.ids().length))
                .toList();
        float startScale = scale(rows, MicroBatch.Row::start, batches);
        float endScale = scale(rows, MicroBatch.Row::end, batches);
        return MicroBatch.cut(rows, row -> padded(row.ids()), tokenBudget).stream()
                .map(some -> MicroBatch.of(batching, some, padTo, startScale, endScale))
                .toList();
    }

    private MicroBatch.Row row(Window window, int place) {
        int width = padded(window.inputIds());
        return new MicroBatch.Row(
                window.inputIds(), label(window.startPosition(), width), label(window.endPosition(), width), place);
    }

    private int padded(int[] ids) {
        return Math.max(ids.length, padTo);
    }

    /** Returns a label as HuggingFace's model takes it: ignored at or after the window's end, 0 before its beginning. */
    private static int label(int position, int width) {
        return position < width ? Math.max(position, 0) : MicroBatch.IGNORED;
    }

    /** Returns half a window's share of the step's loss: 1 / (2 · windows of the batch with a label · batches). */
    private static float scale(List<MicroBatch.Row> rows, ToIntFunction<MicroBatch.Row> label, int batches) {
        long counted = rows.stream()
                .mapToInt(label)
                .filter(position -> position != MicroBatch.IGNORED)
                .count();
        return (float) (0.5 / (Math.max(1, counted) * batches));
    }
}
