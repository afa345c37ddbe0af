package io.sparkqa.model;

import static io.sparkqa.model.SplitMix.GOLDEN;
import static io.sparkqa.model.SplitMix.mix;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Objects;

/**
 * Draws bytes 1 (keep) and 0 (drop), each from 16 random bits. The bits are MurmurHash3's finalizer (Appleby 2011) of a
 * counter, with parts of a key added before each of its multiplications. The loop uses int arithmetic only and covers many
 * rows at a time, so that the compiler vectorizes it.
 *
 * <p>Not thread-safe.
 */
final class DropoutBits {
    private static final int BLOCK = 2048;
    private static final int STEP = 0x9E3779B9;

    /** Offsets of a block's counters from the first of them. */
    private static final int[] COUNTERS = counters();

    private final ByteBuffer keep;
    private final int[] block = new int[BLOCK];

    /**
     * @param keep receives the bytes
     */
    DropoutBits(ByteBuffer keep) {
        this.keep = keep;
    }

    private static int[] counters() {
        int[] counters = new int[BLOCK];
        for (int i = 0; i < BLOCK; i++) {
            counters[i] = i * STEP;
        }
        return counters;
    }

    /**
     * Draws rows of bytes. They depend only on the key, the row's number and the length of a row.
     *
     * @param from index of the first byte in the buffer
     * @param length bytes of a row, from 1 to 8,192
     * @param stride bytes from the first byte of a row to the first byte of the next
     * @param threshold a byte is 0 with probability threshold / 2^16
     */
    void draw(int from, int rows, int length, int stride, long key, int threshold) {
        int ints = (length + 3) / 4;
        Objects.checkIndex(ints - 1, BLOCK);
        int most = BLOCK / ints;
        for (int row = 0; row < rows; row += most) {
            int count = Math.min(most, rows - row);
            draw(count * ints, row * ints * STEP, key, threshold - 1);
            if (stride == length && length % 4 == 0) {
                put(from + row * stride, 0, count * length);
            } else {
                for (int i = 0; i < count; i++) {
                    put(from + (row + i) * stride, i * ints, length);
                }
            }
        }
    }

    /** Fills the block's first ints; a byte is kept if its random bits exceed {@code last}. */
    private void draw(int ints, int start, long key, int last) {
        int[] into = block;
        int[] counters = COUNTERS;
        long second = mix(key + GOLDEN);
        int lowA = start + (int) key;
        int highA = (int) (key >>> 32);
        int lowB = start + (int) second;
        int highB = (int) (second >>> 32);
        for (int i = 0; i < ints; i++) {
            int a = counters[i] + lowA;
            a = (a ^ a >>> 16) * 0x85EBCA6B + highA;
            a = (a ^ a >>> 13) * 0xC2B2AE35;
            a = a ^ a >>> 16;
            int b = counters[i] + lowB;
            b = (b ^ b >>> 16) * 0x85EBCA6B + highB;
            b = (b ^ b >>> 13) * 0xC2B2AE35;
            b = b ^ b >>> 16;
            into[i] = (last - (a & 0xffff)) >>> 31
                    | (last - (a >>> 16)) >>> 31 << 8
                    | (last - (b & 0xffff)) >>> 31 << 16
                    | (last - (b >>> 16)) >>> 31 << 24;
        }
    }

    /** Copies the block's bytes from its int {@code first} on to the buffer. */
    private void put(int at, int first, int count) {
        keep.slice(at, count & ~3).order(ByteOrder.LITTLE_ENDIAN).asIntBuffer().put(block, first, count / 4);
        for (int i = count & ~3; i < count; i++) {
            keep.put(at + i, (byte) (block[first + i / 4] >>> (8 * (i % 4))));
        }
    }
}
