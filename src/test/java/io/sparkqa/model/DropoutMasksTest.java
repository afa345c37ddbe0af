package io.sparkqa.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.nio.ByteBuffer;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class DropoutMasksTest {
    private static final int HIDDEN = 16;
    private final DropoutMasks masks = new DropoutMasks(TinyNetwork.config(), 11, 0.1, 0.25);

    @Test
    void hiddenValuesAndAttentionWeightsAreDroppedWithTheirProbabilities() {
        int width = 30;
        ByteBuffer keep = draw(
                3,
                batch(
                        IntStream.range(0, 60).toArray(),
                        IntStream.generate(() -> width).limit(60).toArray()));
        int hidden = 60 * width * HIDDEN;
        int attention = 60 * 2 * width * width;
        assertThat(share(keep, 0, hidden)).isCloseTo(0.9, within(0.01));
        assertThat(share(keep, hidden, attention)).isCloseTo(0.75, within(0.01));
        assertThat(share(keep, hidden + attention, 2 * hidden)).isCloseTo(0.9, within(0.01));
    }

    @Test
    void aWindowsMasksDoNotDependOnItsNeighboursOrPadding() {
        ByteBuffer alone = draw(5, batch(new int[] {4}, new int[] {19}));
        ByteBuffer among = draw(5, batch(new int[] {2, 4, 6}, new int[] {7, 19, 20}));
        for (int i = 0; i < 19 * HIDDEN; i++) {
            assertThat(among.get(7 * HIDDEN + i)).isEqualTo(alone.get(i));
        }
        int aloneAttention = 19 * HIDDEN;
        int amongAttention = (7 + 19 + 20) * HIDDEN + 2 * 7 * 7;
        for (int head = 0; head < 2; head++) {
            for (int query = 0; query < 19; query++) {
                for (int key = 0; key < 19; key++) {
                    assertThat(among.get(amongAttention + (head * 20 + query) * 20 + key))
                            .isEqualTo(alone.get(aloneAttention + (head * 19 + query) * 19 + key));
                }
            }
        }
    }

    @Test
    void stepsAndPlacesHaveMasksOfTheirOwn() {
        MicroBatch window = batch(new int[] {4}, new int[] {20});
        ByteBuffer first = draw(5, window);
        assertThat(draw(6, window)).isNotEqualTo(first);
        assertThat(draw(5, batch(new int[] {3}, new int[] {20}))).isNotEqualTo(first);
        assertThat(draw(5, window)).isEqualTo(first);
    }

    private ByteBuffer draw(long step, MicroBatch batch) {
        ByteBuffer keep = ByteBuffer.allocate(masks.size(batch));
        masks.draw(step, batch, keep);
        return keep;
    }

    private static MicroBatch batch(int[] places, int[] lengths) {
        List<MicroBatch.Row> rows = IntStream.range(0, lengths.length)
                .mapToObj(i -> new MicroBatch.Row(new int[lengths[i]], 0, 0, places[i]))
                .toList();
        return MicroBatch.of(Batching.ON_CPU, rows, 0, 1, 1);
    }

    private static double share(ByteBuffer keep, int from, int count) {
        int kept = 0;
        for (int i = from; i < from + count; i++) {
            kept += keep.get(i);
        }
        return kept / (double) count;
    }
}
