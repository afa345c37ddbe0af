package io.sparkqa.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import io.sparkqa.Difference;
import java.nio.ByteBuffer;
import java.nio.FloatBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** What the network computes does not depend on how windows are packed, grouped or padded. */
class PackedNetworkTest {
    private static final int WIDTH = 36;

    /** A network whose heads are wide enough for bfloat16 everywhere. */
    private static final String WIDE = TinyNetwork.JSON
            .replace("\"hidden_size\": 16", "\"hidden_size\": 128")
            .replace("\"num_attention_heads\": 2", "\"num_attention_heads\": 4")
            .replace("\"intermediate_size\": 32", "\"intermediate_size\": 512")
            .replace("\"num_hidden_layers\": 2", "\"num_hidden_layers\": 4")
            .replace("\"initializer_range\": 0.3", "\"initializer_range\": 0.05");

    @Test
    void gradientsAreThoseOfThePaddedComputation() {
        List<int[]> windows = windows(12);
        try (RobertaForQuestionAnswering network = TinyNetwork.open(TinyNetwork.noDropout())) {
            List<float[]> packed = gradients(network, batch(windows, 0));
            List<float[]> padded = gradients(network, batch(windows, WIDTH));
            for (int i = 0; i < packed.size(); i++) {
                assertThat(packed.get(i)).containsExactly(padded.get(i), within(2e-5f));
            }
        }
    }

    @Test
    void gradientsOfAMicroBatchAreTheSumOfItsWindowsGradientsEvenWithDropout() {
        List<int[]> windows = windows(12);
        DropoutMasks dropout = new DropoutMasks(TinyNetwork.config(), 5, 0.1, 0.2);
        try (RobertaForQuestionAnswering network = TinyNetwork.open(dropout)) {
            List<float[]> together = gradients(network, batch(windows, 0));
            List<float[]> sum = new ArrayList<>();
            for (int i = 0; i < windows.size(); i++) {
                List<MicroBatch.Row> alone = rows(windows).subList(i, i + 1);
                add(sum, gradients(network, MicroBatch.of(Batching.ON_CPU, alone, 0, 0.1f, 0.1f)));
            }
            for (int i = 0; i < together.size(); i++) {
                assertThat(together.get(i)).containsExactly(sum.get(i), within(5e-5f));
            }
        }
    }

    @Test
    void gradientsOfAStepAreTheSumOverItsMicroBatches() {
        List<int[]> windows = windows(12);
        try (RobertaForQuestionAnswering network = TinyNetwork.open(TinyNetwork.noDropout());
                NDManager scope = network.manager().newSubManager()) {
            List<float[]> together = gradients(network, batch(windows, 0));
            List<MicroBatch> microBatches = IntStream.range(0, windows.size())
                    .mapToObj(i -> MicroBatch.of(Batching.ON_CPU, rows(windows).subList(i, i + 1), 0, 0.1f, 0.1f))
                    .map(batch -> network.withDropout(batch, 3, ByteBuffer::allocateDirect))
                    .toList();
            RobertaForQuestionAnswering.Gradients step = network.gradients(scope, microBatches);
            assertThat(step.losses()).hasSize(12);
            for (int i = 0; i < step.sums().size(); i++) {
                assertThat(step.sums().get(i).toFloatArray()).containsExactly(together.get(i), within(5e-5f));
            }
        }
    }

    @Test
    void gradientsWithDropoutAreTheDerivativeOfTheirOwnLoss() {
        DropoutMasks dropout = new DropoutMasks(TinyNetwork.config(), 5, 0.1, 0.2);
        try (RobertaForQuestionAnswering network = TinyNetwork.open(dropout)) {
            MicroBatch batch = batch(windows(6), 0);
            List<float[]> gradients = gradients(network, batch);
            double norm = Math.sqrt(squares(gradients.subList(0, gradients.size() - 1)));
            double along = 1e-3;
            double ahead = lossAfter(network, batch, gradients, along / norm);
            double behind = lossAfter(network, batch, gradients, -2 * along / norm);
            assertThat((ahead - behind) / (2 * along)).isCloseTo(norm, within(norm * 2e-3));
        }
    }

    /** Moves the parameters permanently along the gradients and returns the loss there. */
    private static double lossAfter(
            RobertaForQuestionAnswering network, MicroBatch batch, List<float[]> gradients, double step) {
        Map<String, Safetensors.Tensor> moved =
                ModelFolder.zeros(network.config()).tensors();
        for (int i = 0; i < network.names().size(); i++) {
            FloatBuffer into = moved.get(network.names().get(i)).floats();
            float[] before = network.parameters().get(i).toFloatArray();
            for (int j = 0; j < before.length; j++) {
                into.put(before[j] + gradients.get(i)[j] * (float) step);
            }
        }
        network.restore(moved);
        List<float[]> there = gradients(network, batch);
        return there.get(there.size() - 1)[0];
    }

    @Test
    void theDevicesOwnAttentionHasTheSameGradients() {
        MicroBatch batch = batch(windows(12), 0);
        try (RobertaForQuestionAnswering ours = TinyNetwork.open(TinyNetwork.noDropout());
                RobertaForQuestionAnswering devices = TinyNetwork.open(new DeviceDropout(0, 0, 0))) {
            List<float[]> expected = gradients(ours, batch);
            List<float[]> actual = gradients(devices, batch);
            for (int i = 0; i < expected.size(); i++) {
                assertThat(actual.get(i)).containsExactly(expected.get(i), within(2e-5f));
            }
        }
    }

    @Test
    void theDevicesOwnDropoutDropsValuesAndRepeatsForTheSameStep() {
        MicroBatch batch = batch(windows(6), 0);
        try (RobertaForQuestionAnswering network = TinyNetwork.open(new DeviceDropout(3, 0.1, 0.1));
                NDManager scope = network.manager().newSubManager()) {
            float first = loss(network, scope, batch, 1);
            assertThat(loss(network, scope, batch, 2)).isNotEqualTo(first);
            assertThat(loss(network, scope, batch, 1)).isEqualTo(first);
        }
    }

    private static float loss(RobertaForQuestionAnswering network, NDManager scope, MicroBatch batch, long step) {
        MicroBatch dropped = network.withDropout(batch, step, ByteBuffer::allocateDirect);
        return network.gradients(scope, List.of(dropped)).losses().get(0).getFloat();
    }

    @Test
    void logitsOfAWindowDoNotDependOnItsNeighbours() {
        List<int[]> windows = windows(12);
        try (RobertaForQuestionAnswering network = TinyNetwork.open(TinyNetwork.noDropout())) {
            float[] together = network.logits(batch(windows, 0));
            int first = 0;
            for (int[] window : windows) {
                float[] alone = network.logits(batch(List.of(window), 0));
                assertThat(Arrays.copyOfRange(together, first, first + window.length))
                        .containsExactly(Arrays.copyOf(alone, window.length), within(1e-5f));
                first += window.length;
            }
        }
    }

    @Test
    void aFrozenNetworksLogitsAreTheSame() {
        RobertaConfig config = TinyNetwork.config(WIDE);
        MicroBatch batch = batch(windows(12), 0);
        for (boolean bfloat16 : new boolean[] {false, true}) {
            try (RobertaForQuestionAnswering network = new RobertaForQuestionAnswering(
                    ModelFolder.random(config, 7), Device.cpu(), Dropout.none(config), bfloat16, false)) {
                float[] before = network.logits(batch);
                assertThat(network.freeze().logits(batch)).containsExactly(before);
            }
        }
    }

    @Test
    @Tag("reference")
    void bfloat16LogitsOfWideHeadsAreNearFloat32s() {
        RobertaConfig config = TinyNetwork.config(WIDE);
        MicroBatch batch = batch(windows(12), 0);
        List<float[]> found = new ArrayList<>();
        for (boolean bfloat16 : new boolean[] {false, true}) {
            try (RobertaForQuestionAnswering network = new RobertaForQuestionAnswering(
                    ModelFolder.random(config, 7), Device.cpu(), Dropout.none(config), bfloat16, false)) {
                found.add(network.freeze().logits(batch));
            }
        }
        assertThat(found.get(1)).as("bfloat16's result, which is not float32's").isNotEqualTo(found.get(0));
        try (Difference logits = new Difference("wide heads, frozen, logits, bfloat16", 1e-2)) {
            for (int i = 0; i < found.get(0).length; i++) {
                logits.absolute(found.get(1)[i], found.get(0)[i]);
            }
        }
    }

    @Test
    @Tag("reference")
    void bfloat16GradientsOfWideHeadsHaveTheDirectionOfFloat32s() {
        RobertaConfig config = TinyNetwork.config(WIDE);
        DropoutMasks dropout = new DropoutMasks(config, 5, 0.1, 0.1);
        MicroBatch batch = batch(windows(12), 0);
        List<List<float[]>> found = new ArrayList<>();
        for (boolean bfloat16 : new boolean[] {false, true}) {
            try (RobertaForQuestionAnswering network = new RobertaForQuestionAnswering(
                    ModelFolder.random(config, 7), Device.cpu(), dropout, bfloat16, false)) {
                found.add(gradients(network, batch));
            }
        }
        double product = 0;
        for (int i = 0; i + 1 < found.get(0).size(); i++) {
            for (int j = 0; j < found.get(0).get(i).length; j++) {
                product += (double) found.get(0).get(i)[j] * found.get(1).get(i)[j];
            }
        }
        int parameters = found.get(0).size() - 1;
        double exact = squares(found.get(0).subList(0, parameters));
        double ours = squares(found.get(1).subList(0, parameters));
        assertThat(ours).as("bfloat16's result, which is not float32's").isNotEqualTo(exact);
        try (Difference cosine = new Difference("wide heads, dropout, gradients, bfloat16: 1 - cosine", 1e-4)) {
            cosine.absolute(product / Math.sqrt(ours * exact), 1);
        }
    }

    @Test
    void groupsHoldNeighboursOfSimilarLength() {
        List<int[]> windows = windows(40);
        MicroBatch batch = batch(windows, 0);
        assertThat(batch.groups().stream().mapToInt(Grouping.Group::rows).sum()).isEqualTo(40);
        assertThat(batch.groups()).hasSizeLessThan(20);
        long real = windows.stream()
                .mapToLong(window -> (long) window.length * window.length)
                .sum();
        assertThat(batch.attentionCells()).isLessThanOrEqualTo((int) (real / 0.9));
    }

    @Test
    void runsStayUnderTheBudgetAndALongerWindowStandsAlone() {
        List<Integer> lengths = List.of(3, 4, 5, 9, 30);
        assertThat(MicroBatch.cut(lengths, length -> length, 12))
                .containsExactly(List.of(3, 4, 5), List.of(9), List.of(30));
    }

    private static double squares(List<float[]> arrays) {
        double sum = 0;
        for (float[] array : arrays) {
            for (float value : array) {
                sum += (double) value * value;
            }
        }
        return sum;
    }

    private static void add(List<float[]> sum, List<float[]> more) {
        for (int i = 0; i < more.size(); i++) {
            if (sum.size() <= i) {
                sum.add(more.get(i));
            } else {
                for (int j = 0; j < more.get(i).length; j++) {
                    sum.get(i)[j] += more.get(i)[j];
                }
            }
        }
    }

    private static List<float[]> gradients(RobertaForQuestionAnswering network, MicroBatch batch) {
        try (NDManager scope = network.manager().newSubManager()) {
            MicroBatch dropped = network.withDropout(batch, 3, ByteBuffer::allocateDirect);
            RobertaForQuestionAnswering.Gradients gradients = network.gradients(scope, List.of(dropped));
            return Stream.concat(gradients.sums().stream(), gradients.losses().stream())
                    .map(NDArray::toFloatArray)
                    .toList();
        }
    }

    /** Returns windows of random tokens, the shortest first. */
    private static List<int[]> windows(int count) {
        SplittableRandom random = new SplittableRandom(9);
        return IntStream.generate(() -> random.nextInt(8, WIDTH))
                .limit(count)
                .sorted()
                .mapToObj(length -> random.ints(length, 4, 60).toArray())
                .toList();
    }

    private static MicroBatch batch(List<int[]> windows, int padTo) {
        return MicroBatch.of(Batching.ON_CPU, rows(windows), padTo, 0.1f, 0.1f);
    }

    private static List<MicroBatch.Row> rows(List<int[]> windows) {
        return IntStream.range(0, windows.size())
                .mapToObj(i -> {
                    int[] ids = windows.get(i);
                    return new MicroBatch.Row(ids, ids[0] % ids.length, ids[1] % ids.length, i);
                })
                .toList();
    }
}
