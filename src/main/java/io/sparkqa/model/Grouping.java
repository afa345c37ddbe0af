package io.sparkqa.model;

import java.util.ArrayList;
import java.util.List;

/**
 * Groups the windows of a micro-batch for attention, which runs on one group at a time. A group's windows are padded to
 * the longest of them.
 *
 * @param leastShare least share of real cells in a group's attention matrices
 * @param mostCells most cells of a group's attention matrices, per head
 */
public record Grouping(double leastShare, long mostCells) {
    /** Keeps a group's attention matrices in a CPU's cache: they have no more cells than those of a window of 384 tokens. */
    static final Grouping FOR_CACHES = new Grouping(0.9, 384 * 384);

    /** Makes few groups, since each is a dozen calls of a GPU in each layer. */
    static final Grouping FOR_GPUS = new Grouping(0.6, 256 * 384 * 384);

    /**
     * Consecutive windows of a micro-batch.
     *
     * @param firstRow index of the first window
     * @param rows R, number of windows
     * @param firstToken index of the first window's first token in the micro-batch
     * @param tokens number of tokens of all windows
     * @param width S, tokens of the longest window
     */
    public record Group(int firstRow, int rows, int firstToken, int tokens, int width) {
        /** Returns the cells of the attention matrices of one head, R · S². */
        int cells() {
            return Math.multiplyExact(rows * width, width);
        }
    }

    /**
     * Returns the groups of a micro-batch's windows.
     *
     * @param lengths tokens of each window, ascending
     */
    List<Group> of(int[] lengths) {
        List<Group> groups = new ArrayList<>();
        int from = 0;
        int firstToken = 0;
        long cells = 0;
        int tokens = 0;
        for (int row = 0; row < lengths.length; row++) {
            cells += (long) lengths[row] * lengths[row];
            tokens += lengths[row];
            boolean last = row + 1 == lengths.length;
            if (last || !fits(cells, row + 2 - from, lengths[row + 1])) {
                groups.add(new Group(from, row + 1 - from, firstToken, tokens, lengths[row]));
                from = row + 1;
                firstToken += tokens;
                cells = 0;
                tokens = 0;
            }
        }
        return groups;
    }

    /**
     * Returns whether a window fits a group.
     *
     * @param cells real cells of the group without the window
     * @param rows windows of the group with the window
     * @param width tokens of the window, which is the longest of the group
     */
    private boolean fits(long cells, int rows, long width) {
        long padded = rows * width * width;
        return padded <= mostCells && cells + width * width >= leastShare * padded;
    }
}
