package io.sparkqa.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;
import static org.junit.jupiter.api.Assumptions.assumeFalse;

import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** The network's arithmetic against values that an independent program computed, float32 and bfloat16. */
@Tag("reference")
class NetworkReferenceTest {
    private static final float FLOAT32_TOLERANCE = 5e-6f;

    private List<ReferenceModel> models;

    @BeforeEach
    void findReferences() throws IOException {
        models = ReferenceModel.all();
        assumeFalse(models.isEmpty(), "no reference models beside the project");
    }

    @Test
    void logitsOfEveryPositionAreTheReferences() {
        for (ReferenceModel reference : models) {
            Map<String, Safetensors.Tensor> expected = reference.tensors("expected.safetensors");
            try (RobertaForQuestionAnswering network = reference.network(false)) {
                float[] logits = network.logits(reference.batch());
                float[] start = ReferenceModel.floats(expected.get("start_logits_float32"));
                float[] end = ReferenceModel.floats(expected.get("end_logits_float32"));
                assertThat(Arrays.copyOf(logits, start.length)).containsExactly(start, offset());
                assertThat(Arrays.copyOfRange(logits, start.length, logits.length))
                        .containsExactly(end, offset());
            }
        }
    }

    @Test
    void hiddenStatesAreTheReferencesWhereTheseAreGiven() {
        for (ReferenceModel reference : models) {
            Map<String, Safetensors.Tensor> expected = reference.tensors("expected.safetensors");
            try (RobertaForQuestionAnswering network = reference.network(false)) {
                for (int i = 0; i <= network.config().layers(); i++) {
                    Safetensors.Tensor hidden = expected.get("hidden_" + i + "_float32");
                    if (hidden != null) {
                        assertThat(network.hidden(reference.batch(), i))
                                .containsExactly(ReferenceModel.floats(hidden), offset());
                    }
                }
            }
        }
    }

    @Test
    void lossAndEveryGradientAreTheReferences() throws IOException {
        for (ReferenceModel reference : models) {
            Map<String, Safetensors.Tensor> expected = reference.tensors("gradients-float32.safetensors");
            try (RobertaForQuestionAnswering network = reference.network(false);
                    NDManager scope = network.manager().newSubManager()) {
                NDList gradients = gradients(reference, network, scope);
                assertThat((double) gradients.get(gradients.size() - 1).getFloat())
                        .isCloseTo(
                                reference
                                        .json("expected.json")
                                        .at("/float32/loss")
                                        .asDouble(),
                                within(5e-6));
                for (int i = 0; i < network.names().size(); i++) {
                    String name = network.names().get(i);
                    assertThat(gradients.get(i).toFloatArray())
                            .as(name)
                            .containsExactly(ReferenceModel.floats(expected.get(name)), offset());
                }
            }
        }
    }

    @Test
    void bfloat16GradientsPointWhereTheReferencesDo() {
        for (ReferenceModel reference : models) {
            Map<String, Safetensors.Tensor> expected = reference.tensors("gradients-float64.safetensors");
            try (RobertaForQuestionAnswering network = reference.network(true);
                    NDManager scope = network.manager().newSubManager()) {
                NDList gradients = gradients(reference, network, scope);
                double product = 0;
                double ours = 0;
                double theirs = 0;
                for (int i = 0; i < network.names().size(); i++) {
                    float[] actual = gradients.get(i).toFloatArray();
                    double[] exact =
                            ReferenceModel.doubles(expected.get(network.names().get(i)));
                    for (int j = 0; j < actual.length; j++) {
                        product += actual[j] * exact[j];
                        ours += (double) actual[j] * actual[j];
                        theirs += exact[j] * exact[j];
                    }
                }
                assertThat(product / Math.sqrt(ours * theirs)).isGreaterThan(0.9999);
            }
        }
    }

    /** Mean over the rows whose label is not ignored, for starts and ends apart, and the mean of the two. */
    private static NDList gradients(ReferenceModel reference, RobertaForQuestionAnswering network, NDManager scope) {
        MicroBatch batch = reference.batch();
        return network.gradients(
                scope,
                batch,
                0.5f / counted(batch.starts()),
                0.5f / counted(batch.ends()),
                ByteBuffer.allocateDirect(0));
    }

    private static long counted(int[] labels) {
        return IntStream.of(labels).filter(label -> label != MicroBatch.IGNORED).count();
    }

    private static org.assertj.core.data.Offset<Float> offset() {
        return within(FLOAT32_TOLERANCE);
    }
}
