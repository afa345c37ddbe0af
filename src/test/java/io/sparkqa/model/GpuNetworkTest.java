package io.sparkqa.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;
import static org.junit.jupiter.api.Assumptions.abort;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import io.sparkqa.config.WrongUse;
import io.sparkqa.torch.Hardware;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** A GPU computes what a CPU computes. */
@Tag("gpu")
class GpuNetworkTest {
    private static Device gpu;

    @BeforeAll
    static void needsAGpu() {
        try {
            gpu = Hardware.device("cuda:0");
        } catch (WrongUse e) {
            abort(e.getMessage());
        }
    }

    @Test
    void float32LogitsAndGradientsAreThoseOfACpu() {
        for (float[][] pair : results(false)) {
            assertThat(pair[0]).containsExactly(pair[1], within(1e-4f));
        }
    }

    @Test
    void bfloat16LogitsAndGradientsHaveTheDirectionOfACpus() {
        for (float[][] pair : results(true)) {
            double product = dot(pair[0], pair[1]);
            double squares = dot(pair[0], pair[0]) * dot(pair[1], pair[1]);
            assertThat(product * product).isCloseTo(squares, within(1e-2 * squares + 1e-8));
        }
    }

    /** Returns the GPU's and the CPU's logits, gradients of each parameter, and loss. */
    private static List<float[][]> results(boolean bfloat16) {
        List<float[]> onGpu = results(gpu, new DeviceDropout(0, 0, 0), bfloat16);
        List<float[]> onCpu = results(Device.cpu(), TinyNetwork.noDropout(), false);
        return IntStream.range(0, onCpu.size())
                .mapToObj(i -> new float[][] {onGpu.get(i), onCpu.get(i)})
                .toList();
    }

    private static List<float[]> results(Device device, Dropout dropout, boolean bfloat16) {
        SplittableRandom random = new SplittableRandom(9);
        List<MicroBatch.Row> rows = IntStream.range(8, 20)
                .mapToObj(
                        length -> new MicroBatch.Row(random.ints(length, 4, 60).toArray(), 3, 5, length))
                .toList();
        try (RobertaForQuestionAnswering network = new RobertaForQuestionAnswering(
                        ModelFolder.random(TinyNetwork.config(), 7), device, dropout, bfloat16, false);
                NDManager scope = network.manager().newSubManager()) {
            MicroBatch batch = network.withDropout(
                    MicroBatch.of(network.batching(), rows, 0, 0.1f, 0.1f), 1, ByteBuffer::allocateDirect);
            List<float[]> found = new ArrayList<>(List.of(network.logits(batch)));
            RobertaForQuestionAnswering.Gradients gradients = network.gradients(scope, List.of(batch));
            gradients.sums().stream().map(NDArray::toFloatArray).forEach(found::add);
            found.add(gradients.losses().get(0).toFloatArray());
            return found;
        }
    }

    private static double dot(float[] a, float[] b) {
        return IntStream.range(0, a.length)
                .mapToDouble(i -> (double) a[i] * b[i])
                .sum();
    }
}
