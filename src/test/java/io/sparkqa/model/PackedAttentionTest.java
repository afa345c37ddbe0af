package io.sparkqa.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.SplittableRandom;
import java.util.function.UnaryOperator;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** The computation of a GPU with flash attention, as far as a CPU can run it. */
class PackedAttentionTest {
    @Test
    void logitsAndHiddenStatesAreThoseOfTheGroups() {
        List<int[]> windows = windows();
        try (RobertaForQuestionAnswering groups = TinyNetwork.open(TinyNetwork.noDropout());
                RobertaForQuestionAnswering packed = TinyNetwork.openPacked(0, false)) {
            assertThat(packed.logits(MicroBatch.unlabelled(packed.batching(), windows)))
                    .containsExactly(groups.logits(MicroBatch.unlabelled(groups.batching(), windows)), within(1e-5f));
            assertThat(packed.hidden(MicroBatch.unlabelled(packed.batching(), windows), 1))
                    .containsExactly(
                            groups.hidden(MicroBatch.unlabelled(groups.batching(), windows), 1), within(1e-5f));
        }
    }

    @Test
    void lossAndGradientsAreThoseOfTheGroups() {
        try (RobertaForQuestionAnswering groups = TinyNetwork.open(TinyNetwork.noDropout());
                RobertaForQuestionAnswering packed = TinyNetwork.openPacked(0, false)) {
            List<float[]> expected = gradients(groups, 1);
            List<float[]> actual = gradients(packed, 1);
            assertThat(actual).hasSameSizeAs(expected);
            for (int i = 0; i < expected.size(); i++) {
                assertThat(actual.get(i)).containsExactly(expected.get(i), within(2e-5f));
            }
        }
    }

    @Test
    void bfloat16GradientsHaveTheDirectionOfFloat32s() {
        try (RobertaForQuestionAnswering groups = TinyNetwork.open(TinyNetwork.noDropout());
                RobertaForQuestionAnswering packed = TinyNetwork.openPacked(0, true)) {
            assertThat(cosine(gradients(groups, 1), gradients(packed, 1))).isCloseTo(1, within(1e-3));
        }
    }

    @Test
    void dropoutDropsValuesAndRepeatsForTheSameStep() {
        try (RobertaForQuestionAnswering network = TinyNetwork.openPacked(0.1, false)) {
            List<float[]> first = gradients(network, 1);
            assertThat(gradients(network, 2).get(0)).isNotEqualTo(first.get(0));
            assertThat(gradients(network, 1)).usingRecursiveComparison().isEqualTo(first);
        }
    }

    @Test
    void aFrozenNetworkHasTheSameLogits() {
        try (RobertaForQuestionAnswering network = TinyNetwork.openPacked(0, true)) {
            MicroBatch batch = MicroBatch.unlabelled(network.batching(), windows());
            float[] before = network.logits(batch);
            assertThat(network.freeze().logits(batch)).containsExactly(before);
        }
    }

    @Test
    void aCpusLibtorchKnowsFlashAttentionAndOnlyLacksItsKernel() {
        try (RobertaForQuestionAnswering network =
                TinyNetwork.openPacked(TinyNetwork.config(), 0.1, true, UnaryOperator.identity())) {
            assertThatThrownBy(() -> gradients(network, 1)).hasMessageContaining("aten::_flash_attention_forward");
        }
    }

    private static List<float[]> gradients(RobertaForQuestionAnswering network, long step) {
        List<int[]> windows = windows();
        List<MicroBatch.Row> rows = IntStream.range(0, windows.size())
                .mapToObj(i -> new MicroBatch.Row(windows.get(i), i % 5, i % 7, i))
                .toList();
        MicroBatch batch = network.withDropout(
                MicroBatch.of(network.batching(), rows, 0, 0.1f, 0.1f), step, ByteBuffer::allocateDirect);
        try (NDManager scope = network.manager().newSubManager()) {
            RobertaForQuestionAnswering.Gradients found = network.gradients(scope, List.of(batch));
            return Stream.concat(found.sums().stream(), found.losses().stream())
                    .map(NDArray::toFloatArray)
                    .toList();
        }
    }

    private static double cosine(List<float[]> a, List<float[]> b) {
        double ab = 0;
        double aa = 0;
        double bb = 0;
        for (int i = 0; i < a.size() - 1; i++) {
            for (int j = 0; j < a.get(i).length; j++) {
                ab += (double) a.get(i)[j] * b.get(i)[j];
                aa += (double) a.get(i)[j] * a.get(i)[j];
                bb += (double) b.get(i)[j] * b.get(i)[j];
            }
        }
        return ab / Math.sqrt(aa * bb);
    }

    /** Windows of random tokens, the shortest first. */
    private static List<int[]> windows() {
        SplittableRandom random = new SplittableRandom(9);
        return IntStream.generate(() -> random.nextInt(8, 36))
                .limit(12)
                .sorted()
                .mapToObj(length -> random.ints(length, 4, 60).toArray())
                .toList();
    }
}
