package io.sparkqa.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** A device that computes as a GPU does gives a CPU's results: here the CPU itself, in {@link GpuNetworkTest} a GPU. */
class DeviceNetworkTest {
    Device device() {
        return Device.cpu();
    }

    @Test
    void float32LogitsAndGradientsAreThoseOfACpu() {
        for (float[][] pair : results(false)) {
            assertThat(pair[0]).containsExactly(pair[1], within(2e-5f));
        }
    }

    @Test
    void bfloat16LogitsAndGradientsHaveTheDirectionOfACpusFloat32() {
        for (float[][] pair : results(true)) {
            double product = dot(pair[0], pair[1]);
            double squares = dot(pair[0], pair[0]) * dot(pair[1], pair[1]);
            assertThat(product * product).isCloseTo(squares, within(1e-2 * squares + 1e-8));
        }
    }

    @Test
    void aFrozenNetworkHasTheSameLogits() {
        for (boolean bfloat16 : new boolean[] {false, true}) {
            try (RobertaForQuestionAnswering network = TinyNetwork.openAsOnGpu(device(), 0, bfloat16)) {
                MicroBatch batch = batch(network);
                float[] before = network.logits(batch);
                assertThat(network.freeze().logits(batch)).containsExactly(before, within(bfloat16 ? 0 : 1e-5f));
            }
        }
    }

    @Test
    void aNetworksWeightsComeBackFromTheDeviceAsTheyWere() {
        ModelFolder.Weights weights = ModelFolder.random(TinyNetwork.config(), 7);
        try (RobertaForQuestionAnswering network = TinyNetwork.openAsOnGpu(device(), 0, false)) {
            network.restore(weights.tensors());
            network.tensors().forEach((name, tensor) -> assertThat(ReferenceModel.floats(tensor))
                    .as(name)
                    .containsExactly(ReferenceModel.floats(weights.tensors().get(name))));
        }
    }

    /** Returns the logits, the gradient of each parameter and the loss: this device's, and a CPU's in float32. */
    private List<float[][]> results(boolean bfloat16) {
        try (RobertaForQuestionAnswering network = TinyNetwork.openAsOnGpu(device(), 0, bfloat16);
                RobertaForQuestionAnswering onCpu = TinyNetwork.open(TinyNetwork.noDropout())) {
            List<float[]> actual = results(network);
            List<float[]> expected = results(onCpu);
            return IntStream.range(0, expected.size())
                    .mapToObj(i -> new float[][] {actual.get(i), expected.get(i)})
                    .toList();
        }
    }

    private static List<float[]> results(RobertaForQuestionAnswering network) {
        try (NDManager scope = network.manager().newSubManager()) {
            MicroBatch batch = batch(network);
            List<float[]> found = new ArrayList<>(List.of(network.logits(batch)));
            RobertaForQuestionAnswering.Gradients gradients = network.gradients(scope, List.of(batch));
            gradients.sums().stream().map(NDArray::toFloatArray).forEach(found::add);
            found.add(gradients.losses().get(0).toFloatArray());
            return found;
        }
    }

    private static MicroBatch batch(RobertaForQuestionAnswering network) {
        SplittableRandom random = new SplittableRandom(9);
        List<MicroBatch.Row> rows = IntStream.range(8, 20)
                .mapToObj(
                        length -> new MicroBatch.Row(random.ints(length, 4, 60).toArray(), 3, 5, length))
                .toList();
        return network.withDropout(
                MicroBatch.of(network.batching(), rows, 0, 0.1f, 0.1f), 1, ByteBuffer::allocateDirect);
    }

    private static double dot(float[] a, float[] b) {
        return IntStream.range(0, a.length)
                .mapToDouble(i -> (double) a[i] * b[i])
                .sum();
    }
}
