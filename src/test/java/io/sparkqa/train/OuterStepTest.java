package io.sparkqa.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.nio.FloatBuffer;
import java.util.List;
import org.junit.jupiter.api.Test;

class OuterStepTest {
    @Test
    void twoStepsAreNesterovsWithTheMeanChangeAsGradient() {
        FloatBuffer weights = FloatBuffer.wrap(new float[] {1, -2});
        FloatBuffer velocity = FloatBuffer.allocate(2);
        OuterStep step = new OuterStep(0.7, 0.9);

        step.apply(weights, FloatBuffer.wrap(new float[] {0.5f, -2}), velocity);
        // g = 0.5, v = 0.5, 1 - 0.7 * (0.5 + 0.9 * 0.5)
        assertThat(weights.get(0)).isCloseTo(0.335f, within(1e-6f));
        assertThat(weights.get(1)).isEqualTo(-2);

        step.apply(weights, FloatBuffer.wrap(new float[] {0.135f, -1}), velocity);
        // g = 0.2, v = 0.9 * 0.5 + 0.2 = 0.65, 0.335 - 0.7 * (0.2 + 0.9 * 0.65)
        assertThat(weights.get(0)).isCloseTo(-0.2145f, within(1e-6f));
        assertThat(velocity.get(0)).isCloseTo(0.65f, within(1e-6f));
        assertThat(weights.get(1)).isCloseTo(-2 + 0.7f * 1.9f, within(1e-6f));
    }

    @Test
    void withRateOneAndNoMomentumTheMeanIsTakenBitForBit() {
        FloatBuffer weights = FloatBuffer.wrap(new float[] {0.1f, 3e-30f, -7});
        float[] mean = {0.3f, 1e30f, -7.0000005f};
        new OuterStep(1, 0).apply(weights, FloatBuffer.wrap(mean), FloatBuffer.allocate(3));
        assertThat(weights.array()).containsExactly(mean);
    }

    @Test
    void theMeanOfEqualWeightsIsExact() {
        byte[] one = new byte[8];
        PackedWeights.floats(one).put(new float[] {0.1f, -3});
        byte[] two = new byte[8];
        PackedWeights.floats(two).put(new float[] {0.2f, 5});
        assertThat(PackedWeights.floats(PackedWeights.mean(List.of(one, two))).get(1))
                .isEqualTo(1);
        assertThat(PackedWeights.mean(List.of(one, one, one))).isEqualTo(one);
    }
}
