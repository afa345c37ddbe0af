package io.sparkqa.model;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.ToIntFunction;

/**
 * Windows that go through the network together, B of them, padded to S tokens.
 *
 * @param ids int32[B * S], row-major; the padding id behind each window's tokens
 * @param lengths tokens of each window, at most S
 * @param starts label of each window, or {@link #IGNORED}
 * @param ends label of each window, or {@link #IGNORED}
 * @param places each window's place in its optimizer step, which keys its dropout
 */
public record MicroBatch(int[] ids, int[] lengths, int[] starts, int[] ends, int[] places) {
    /** A label that takes no part in the loss. */
    public static final int IGNORED = -100;

    /** Pads the windows' tokens to a width; the labels are all {@link #IGNORED}, the places those in the list. */
    public static MicroBatch unlabelled(List<int[]> tokens, int width, int padId) {
        int rows = tokens.size();
        int[] ids = new int[rows * width];
        int[] lengths = new int[rows];
        int[] places = new int[rows];
        for (int row = 0; row < rows; row++) {
            lengths[row] = tokens.get(row).length;
            places[row] = row;
            System.arraycopy(tokens.get(row), 0, ids, row * width, lengths[row]);
            Arrays.fill(ids, row * width + lengths[row], (row + 1) * width, padId);
        }
        int[] ignored = new int[rows];
        Arrays.fill(ignored, IGNORED);
        return new MicroBatch(ids, lengths, ignored, ignored, places);
    }

    /** The same windows with labels and places. */
    public MicroBatch labelled(int[] newStarts, int[] newEnds, int[] newPlaces) {
        return new MicroBatch(ids, lengths, newStarts, newEnds, newPlaces);
    }

    /**
     * Cuts a list that is sorted by ascending width into runs of at most {@code budget} tokens, padding included; an
     * element wider than that stands alone.
     */
    public static <T> List<List<T>> cut(List<T> sorted, ToIntFunction<T> width, long budget) {
        List<List<T>> runs = new ArrayList<>();
        int from = 0;
        for (int i = 0; i < sorted.size(); i++) {
            boolean last = i + 1 == sorted.size();
            if (last || (i + 2L - from) * width.applyAsInt(sorted.get(i + 1)) > budget) {
                runs.add(sorted.subList(from, i + 1));
                from = i + 1;
            }
        }
        return runs;
    }

    /** B. */
    public int rows() {
        return lengths.length;
    }

    /** S. */
    public int width() {
        return ids.length / lengths.length;
    }
}
