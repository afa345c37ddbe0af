package io.sparkqa.model;

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

    /** B. */
    public int rows() {
        return lengths.length;
    }

    /** S. */
    public int width() {
        return ids.length / lengths.length;
    }
}
