package io.sparkqa.model;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.ToIntFunction;
import java.util.stream.IntStream;

/**
 * Windows that go through the network together: their tokens one behind the other, N in all, without padding unless
 * padding is asked for.
 *
 * @param ids int32[N]
 * @param lengths tokens of each window, padding included where there is any; their sum is N
 * @param real how many of these are real tokens
 * @param starts label of each window, or {@link #IGNORED}
 * @param ends label of each window, or {@link #IGNORED}
 * @param places each window's place in its optimizer step, which keys its dropout
 * @param groups the windows by groups of like length, in order
 */
public record MicroBatch(
        int[] ids, int[] lengths, int[] real, int[] starts, int[] ends, int[] places, List<Group> groups) {
    /** A label that takes no part in the loss. */
    public static final int IGNORED = -100;

    /** Least share of real cells in a group's attention matrices. */
    private static final double LEAST_SHARE = 0.9;

    /** Most cells of a group's attention matrices, for one head: a window of 384 tokens; so they stay in the cache. */
    private static final long MOST_CELLS = 384 * 384;

    /**
     * Neighbouring windows whose attention is computed as if all were as long as the longest of them.
     *
     * @param firstRow the first of them
     * @param rows R
     * @param firstToken where the first one's tokens begin
     * @param tokens of all of them
     * @param width S, tokens of the longest
     */
    record Group(int firstRow, int rows, int firstToken, int tokens, int width) {
        /** Cells of the attention matrix of one head over all rows. */
        int cells() {
            return Math.multiplyExact(rows * width, width);
        }
    }

    /**
     * Puts windows together; the labels are all {@link #IGNORED}, the places those in the list.
     *
     * @param tokens of each window, the shortest first
     * @param padTo width of every window, or 0 for no padding
     */
    public static MicroBatch unlabelled(List<int[]> tokens, int padTo, int padId) {
        int rows = tokens.size();
        int[] real = tokens.stream().mapToInt(window -> window.length).toArray();
        int[] lengths =
                IntStream.of(real).map(length -> Math.max(length, padTo)).toArray();
        int[] ids = new int[IntStream.of(lengths).sum()];
        int first = 0;
        for (int row = 0; row < rows; row++) {
            System.arraycopy(tokens.get(row), 0, ids, first, real[row]);
            Arrays.fill(ids, first + real[row], first + lengths[row], padId);
            first += lengths[row];
        }
        int[] ignored = new int[rows];
        Arrays.fill(ignored, IGNORED);
        return new MicroBatch(
                ids, lengths, real, ignored, ignored, IntStream.range(0, rows).toArray(), groups(lengths));
    }

    private static List<Group> groups(int[] lengths) {
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

    /** Whether one more window of a width still belongs to a group whose other windows have so many real cells. */
    private static boolean fits(long cells, int rows, long width) {
        long padded = rows * width * width;
        return padded <= MOST_CELLS && cells + width * width >= LEAST_SHARE * padded;
    }

    /** The same windows with labels and places. */
    public MicroBatch labelled(int[] newStarts, int[] newEnds, int[] newPlaces) {
        return new MicroBatch(ids, lengths, real, newStarts, newEnds, newPlaces, groups);
    }

    /**
     * Cuts a list that is sorted by ascending length into runs of at most {@code budget} tokens; an element longer than
     * that stands alone.
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

    /** B. */
    public int rows() {
        return lengths.length;
    }

    /** N. */
    public int tokens() {
        return ids.length;
    }

    /** S of the group that a window belongs to. */
    int width(int window) {
        return groups.stream()
                .filter(group -> window < group.firstRow() + group.rows())
                .findFirst()
                .orElseThrow()
                .width();
    }

    /** Cells of the attention matrices of one head, padding included. */
    public int attentionCells() {
        return groups.stream().mapToInt(Group::cells).reduce(0, Math::addExact);
    }
}
