package io.sparkqa.model;

import ai.djl.Device;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import io.sparkqa.Difference;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Compares the network's results with values that an independent program computed, in float32 and bfloat16. */
@Tag("reference")
class NetworkReferenceTest {
    private static final double FLOAT32 = 5e-6;
    private static final double BFLOAT16 = 5e-2;

    /** Returns the device that computes. */
    Device device() {
        return Device.cpu();
    }

    @Test
    void logitsOfEveryPositionAreTheReferences() {
        for (ReferenceModel reference : ReferenceModel.all()) {
            Map<String, Safetensors.Tensor> expected = reference.tensors("expected.safetensors");
            try (RobertaForQuestionAnswering network = reference.network(device(), false);
                    Difference logits = new Difference(reference.name() + " logits, float32", FLOAT32)) {
                compareLogits(logits, network.logits(reference.batch()), expected);
            }
        }
    }

    @Test
    void bfloat16LogitsAreNearTheReferences() {
        for (ReferenceModel reference : ReferenceModel.all()) {
            Map<String, Safetensors.Tensor> expected = reference.tensors("expected.safetensors");
            try (RobertaForQuestionAnswering network = reference.network(device(), true);
                    Difference logits = new Difference(reference.name() + " logits, bfloat16", BFLOAT16)) {
                compareLogits(logits, network.logits(reference.batch()), expected);
            }
        }
    }

    private static void compareLogits(Difference difference, float[] logits, Map<String, Safetensors.Tensor> expected) {
        float[] start = ReferenceModel.floats(expected.get("start_logits_float32"));
        float[] end = ReferenceModel.floats(expected.get("end_logits_float32"));
        difference.absolute(Arrays.copyOf(logits, start.length), start);
        difference.absolute(Arrays.copyOfRange(logits, start.length, logits.length), end);
    }

    @Test
    void hiddenStatesAreTheReferencesIfItHasThem() {
        for (ReferenceModel reference : ReferenceModel.all()) {
            Map<String, Safetensors.Tensor> expected = reference.tensors("expected.safetensors");
            if (!expected.containsKey("hidden_0_float32")) {
                continue;
            }
            try (RobertaForQuestionAnswering network = reference.network(device(), false);
                    Difference states = new Difference(reference.name() + " hidden states, float32", FLOAT32)) {
                for (int i = 0; i <= network.config().layers(); i++) {
                    Safetensors.Tensor hidden = expected.get("hidden_" + i + "_float32");
                    states.absolute(network.hidden(reference.batch(), i), ReferenceModel.floats(hidden));
                }
            }
        }
    }

    @Test
    void lossAndEveryGradientAreTheReferences() throws IOException {
        for (ReferenceModel reference : ReferenceModel.all()) {
            Map<String, Safetensors.Tensor> expected = reference.tensors("gradients-float32.safetensors");
            try (RobertaForQuestionAnswering network = reference.network(device(), false);
                    NDManager scope = network.manager().newSubManager();
                    Difference loss = new Difference(reference.name() + " loss, float32", FLOAT32);
                    Difference each = new Difference(reference.name() + " gradients, float32", FLOAT32)) {
                RobertaForQuestionAnswering.Gradients gradients = gradients(reference, network, scope);
                loss.absolute(
                        gradients.losses().get(0).getFloat(),
                        reference.json("expected.json").at("/float32/loss").asDouble());
                for (int i = 0; i < network.names().size(); i++) {
                    each.absolute(
                            gradients.sums().get(i).toFloatArray(),
                            ReferenceModel.floats(expected.get(network.names().get(i))));
                }
            }
        }
    }

    @Test
    void bfloat16GradientsHaveTheDirectionOfTheReferences() {
        for (ReferenceModel reference : ReferenceModel.all()) {
            Map<String, Safetensors.Tensor> expected = reference.tensors("gradients-float64.safetensors");
            try (RobertaForQuestionAnswering network = reference.network(device(), true);
                    NDManager scope = network.manager().newSubManager();
                    Difference cosine = new Difference(reference.name() + " gradients, bfloat16: 1 - cosine", 1e-4)) {
                NDList gradients = gradients(reference, network, scope).sums();
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
                cosine.absolute(product / Math.sqrt(ours * theirs), 1);
            }
        }
    }

    private static RobertaForQuestionAnswering.Gradients gradients(
            ReferenceModel reference, RobertaForQuestionAnswering network, NDManager scope) {
        MicroBatch batch = network.withDropout(reference.batch(), 0, ByteBuffer::allocateDirect);
        return network.gradients(scope, List.of(batch));
    }
}
