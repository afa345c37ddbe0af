package io.sparkqa.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class DropoutMasksTest {
    private static final int HIDDEN = 16;
    private final DropoutMasks masks = new DropoutMasks(TinyNetwork.config(), 11, 0.1, 0.25);

    @Test
    void hiddenValuesAndAttentionWeightsAreDroppedWithTheirProbabilities() {
        int width = 30;
        int[] lengths = new int[60];
        Arrays.fill(lengths, width);
        ByteBuffer keep = masks.draw(3, IntStream.range(0, 60).toArray(), lengths, width);
        int hidden = 60 * width * HIDDEN;
        int attention = 60 * 2 * width * width;
        assertThat(share(keep, 0, hidden)).isCloseTo(0.9, within(0.01));
        assertThat(share(keep, hidden, attention)).isCloseTo(0.75, within(0.01));
        assertThat(share(keep, hidden + attention, 2 * hidden)).isCloseTo(0.9, within(0.01));
    }

    @Test
    void aWindowsMasksDoNotDependOnItsNeighboursOrPadding() {
        ByteBuffer alone = masks.draw(5, new int[] {4}, new int[] {9}, 9);
        ByteBuffer among = masks.draw(5, new int[] {2, 4}, new int[] {7, 9}, 12);
        for (int i = 0; i < 9 * HIDDEN; i++) {
            assertThat(among.get(12 * HIDDEN + i)).isEqualTo(alone.get(i));
        }
        int aloneAttention = 9 * HIDDEN;
        int amongAttention = 2 * 12 * HIDDEN;
        for (int head = 0; head < 2; head++) {
            for (int query = 0; query < 9; query++) {
                for (int key = 0; key < 9; key++) {
                    assertThat(among.get(amongAttention + ((2 + head) * 12 + query) * 12 + key))
                            .isEqualTo(alone.get(aloneAttention + (head * 9 + query) * 9 + key));
                }
            }
        }
    }

    @Test
    void stepsAndPlacesHaveMasksOfTheirOwn() {
        ByteBuffer first = masks.draw(5, new int[] {4}, new int[] {20}, 20);
        assertThat(masks.draw(6, new int[] {4}, new int[] {20}, 20)).isNotEqualTo(first);
        assertThat(masks.draw(5, new int[] {3}, new int[] {20}, 20)).isNotEqualTo(first);
        assertThat(masks.draw(5, new int[] {4}, new int[] {20}, 20)).isEqualTo(first);
    }

    private static double share(ByteBuffer keep, int from, int count) {
        int kept = 0;
        for (int i = from; i < from + count; i++) {
            kept += keep.get(i);
        }
        return kept / (double) count;
    }
}
