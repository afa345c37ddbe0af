package io.sparkqa.model;

import java.util.ArrayList;
import java.util.List;

/**
 * How the windows of a micro-batch are grouped for attention. Attention runs on one group at a time, as if every window
 * of the group were as long as the longest of them.
 *
 * @param leastShare least share of real cells in a group's attention matrices
 * @param mostCells most cells of a group's attention matrices, per head
 */
record Grouping(double leastShare, long mostCells) {
    /** Groups whose attention matrices stay in a CPU's cache: no more cells than a window of 384 tokens has. */
    static final Grouping FOR_CACHES = new Grouping(0.9, 384 * 384);

    /**
     * Neighbouring windows.
     *
     * @param firstRow the first of them
     * @param rows R
     * @param firstToken where the first one's tokens begin
     * @param tokens of all of them
     * @param width S, tokens of the longest
     */
    record Group(int firstRow, int rows, int firstToken, int tokens, int width) {
        /** Cells of the attention matrices of one head, R · S². */
        int cells() {
            return Math.multiplyExact(rows * width, width);
        }
    }

    /**
     * Groups windows.
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

    /** Whether a window of a width fits a group that then has so many rows; the others have {@code cells} real cells. */
    private boolean fits(long cells, int rows, long width) {
        long padded = rows * width * width;
        return padded <= mostCells && cells + width * width >= leastShare * padded;
    }
}
