package io.sparkqa.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.nio.ByteBuffer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class DropoutBitsTest {
    private static final int TENTH = 6554;
    private static final double DROPPED = TENTH / 65536.0;

    /** Two bytes at this distance, in a row or across rows, are both dropped as often as two independent bytes. */
    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3, 4, 5, 8, 16, 64, 384, 385, 768, 4 * 2048})
    void bytesDoNotDependOnEachOther(int distance) {
        int count = 8_000_000;
        ByteBuffer keep = ByteBuffer.allocateDirect(count + 384);
        new DropoutBits(keep).draw(0, count / 384, 384, 384, 5, TENTH);
        int pairs = count / 384 * 384 - distance;
        long both = 0;
        for (int i = 0; i < pairs; i++) {
            both += 1 - (keep.get(i) | keep.get(i + distance));
        }
        // five standard deviations of a binomial proportion
        double expected = DROPPED * DROPPED;
        assertThat(both / (double) pairs).isCloseTo(expected, within(5 * Math.sqrt(expected * (1 - expected) / pairs)));
    }

    /** Neighbouring keys, which neighbouring layers and heads may have, give independent bytes. */
    @Test
    void keysDoNotDependOnEachOther() {
        int count = 4_000_000;
        ByteBuffer one = ByteBuffer.allocateDirect(count);
        ByteBuffer other = ByteBuffer.allocateDirect(count);
        for (long key : new long[] {0, 77, -1}) {
            new DropoutBits(one).draw(0, 1000, 4000, 4000, key, TENTH);
            new DropoutBits(other).draw(0, 1000, 4000, 4000, key + 1, TENTH);
            long both = 0;
            for (int i = 0; i < count; i++) {
                both += 1 - (one.get(i) | other.get(i));
            }
            double expected = DROPPED * DROPPED;
            assertThat(both / (double) count)
                    .isCloseTo(expected, within(5 * Math.sqrt(expected * (1 - expected) / count)));
        }
    }

    @Test
    void rowsOfAnyLengthAndStrideAreTheSameRows() {
        ByteBuffer close = ByteBuffer.allocateDirect(300 * 21);
        ByteBuffer apart = ByteBuffer.allocate(300 * 40);
        new DropoutBits(close).draw(0, 300, 21, 21, 9, TENTH);
        new DropoutBits(apart).draw(7, 290, 21, 40, 9, TENTH);
        for (int row = 0; row < 290; row++) {
            for (int i = 0; i < 40; i++) {
                int at = 7 + row * 40 + i;
                assertThat(apart.get(at)).isEqualTo(i < 21 ? close.get(row * 21 + i) : 0);
            }
        }
    }
}
