package io.sparkqa.model;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import io.sparkqa.torch.TorchProgram;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.FloatBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

/**
 * RoBERTa with a span head (Liu et al. 2019; the head of Devlin et al. 2018): windows of token ids in, start and end
 * logits out, or the loss and its gradients.
 *
 * <p>Parameters are float32 under the checkpoint's names; the arithmetic of the linear layers
 * is float32 or bfloat16; that of training's attention, LayerNorm, residual sums and loss is float32 always.
 */
public final class RobertaForQuestionAnswering implements AutoCloseable {
    private static final String SOURCE = "roberta.torchscript";
    private static final int FLOAT32 = 6;
    private static final int BFLOAT16 = 15;

    private final RobertaConfig config;
    private final NDManager manager;
    private final TorchProgram program;
    private final List<String> names;
    private final NDList parameters;

    /**
     * @param dropout masks of training; their scales are part of the program
     * @param bfloat16 whether matrix products are computed in bfloat16
     * @param paddingInLoss whether padding positions take part in the loss's softmax, as in HuggingFace's model
     */
    public RobertaForQuestionAnswering(
            ModelFolder.Weights weights, Device device, DropoutMasks dropout, boolean bfloat16, boolean paddingInLoss) {
        config = weights.config();
        manager = NDManager.newBaseManager(device, "PyTorch");
        program = TorchProgram.load(manager, "Roberta", source(config, dropout, bfloat16, paddingInLoss));
        names = List.copyOf(weights.tensors().keySet());
        parameters = new NDList(names.size());
        for (Safetensors.Tensor tensor : weights.tensors().values()) {
            parameters.add(parameter(tensor));
        }
    }

    private NDArray parameter(Safetensors.Tensor tensor) {
        NDArray parameter = copy(tensor);
        parameter.setRequiresGradient(true);
        return parameter;
    }

    private static String source(RobertaConfig config, DropoutMasks dropout, boolean bfloat16, boolean paddingInLoss) {
        int headSize = config.hiddenSize() / config.heads();
        Map<String, Object> constants = Map.ofEntries(
                Map.entry("layers", config.layers()),
                Map.entry("heads", config.heads()),
                Map.entry("head_size", headSize),
                Map.entry("hidden", config.hiddenSize()),
                Map.entry("pad", config.padTokenId()),
                Map.entry("eps", config.layerNormEps()),
                Map.entry("query_scale", 1 / Math.sqrt(headSize)),
                Map.entry("lowest", -(double) Float.MAX_VALUE),
                Map.entry("dtype", bfloat16 ? BFLOAT16 : FLOAT32),
                Map.entry("hidden_keep_scale", dropout.hiddenScale()),
                Map.entry("attention_keep_scale", dropout.attentionScale()),
                Map.entry("padding_in_loss", paddingInLoss ? "True" : "False"));
        try (InputStream in = RobertaForQuestionAnswering.class.getResourceAsStream(SOURCE)) {
            String text = new String(in.readAllBytes(), StandardCharsets.UTF_8);
            for (Map.Entry<String, Object> constant : constants.entrySet()) {
                text = text.replace(
                        "{" + constant.getKey() + "}", constant.getValue().toString());
            }
            return text;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Copies a tensor to this network's device, into float32 memory of its own. */
    public NDArray copy(Safetensors.Tensor tensor) {
        FloatBuffer values = tensor.floats();
        try (NDManager scope = manager.newSubManager()) {
            NDArray copy = scope.create(values, new Shape(tensor.shape()), DataType.FLOAT32)
                    .duplicate();
            copy.attach(manager);
            return copy;
        }
    }

    public RobertaConfig config() {
        return config;
    }

    /** Owner of the parameters; scopes for {@link #gradients} and {@link #logits} are its children. */
    public NDManager manager() {
        return manager;
    }

    public TorchProgram program() {
        return program;
    }

    /** The parameters' names, in the order of {@link #parameters}. */
    public List<String> names() {
        return names;
    }

    public NDList parameters() {
        return parameters;
    }

    /**
     * Returns the gradients of {@code startScale * Σ CE(start) + endScale * Σ CE(end)} over the windows whose label is
     * not ignored, float32 and in the order of {@link #parameters}, followed by that loss itself.
     *
     * @param scope owns the result
     * @param keep dropout masks of this micro-batch; empty for none
     */
    public NDList gradients(NDManager scope, MicroBatch batch, float startScale, float endScale, ByteBuffer keep) {
        try (NDManager inputs = scope.newSubManager()) {
            NDArray labels = inputs.create(
                    IntStream.concat(IntStream.of(batch.starts()), IntStream.of(batch.ends()))
                            .asLongStream()
                            .toArray(),
                    new Shape(2, batch.rows()));
            NDArray scale = inputs.create(new float[] {startScale, endScale});
            NDArray masks = inputs.create(keep, new Shape(keep.remaining()), DataType.UINT8);
            return program.train(
                    scope, "gradients", parameters, ids(inputs, batch), lengths(inputs, batch), labels, scale, masks);
        }
    }

    /** Adds gradients to others in place, array by array. */
    public void accumulate(NDManager scope, NDList sum, NDList more) {
        program.infer(scope, "accumulate", sum, more);
    }

    /**
     * Returns float32[2 * B * S]: the start logits of each window, then the end logits, padding included.
     */
    public float[] logits(MicroBatch batch) {
        try (NDManager scope = manager.newSubManager()) {
            return program.infer(scope, "logits", parameters, ids(scope, batch), lengths(scope, batch))
                    .singletonOrThrow()
                    .toFloatArray();
        }
    }

    /** Returns float32[B * S * H]: the output of the embeddings (0 layers) or of the layer of that number. */
    public float[] hidden(MicroBatch batch, int layers) {
        try (NDManager scope = manager.newSubManager()) {
            return program.infer(
                            scope, "hidden", parameters, ids(scope, batch), lengths(scope, batch), scope.create((long)
                                    layers))
                    .singletonOrThrow()
                    .toFloatArray();
        }
    }

    private static NDArray ids(NDManager scope, MicroBatch batch) {
        return scope.create(batch.ids(), new Shape(batch.rows(), batch.width()));
    }

    private static NDArray lengths(NDManager scope, MicroBatch batch) {
        return scope.create(IntStream.of(batch.lengths()).asLongStream().toArray());
    }

    /** Returns the parameters' values, copied, by name. */
    public Map<String, Safetensors.Tensor> tensors() {
        Map<String, Safetensors.Tensor> tensors = new LinkedHashMap<>();
        for (int i = 0; i < names.size(); i++) {
            tensors.put(names.get(i), Safetensors.Tensor.of(parameters.get(i)));
        }
        return tensors;
    }

    /** Takes the parameters' values from a checkpoint of this very network. */
    public void restore(Map<String, Safetensors.Tensor> tensors) {
        for (int i = 0; i < names.size(); i++) {
            parameters.set(i, parameter(tensors.get(names.get(i)))).close();
        }
    }

    /** Names of the parameters that AdamW decays: neither biases nor LayerNorm's. */
    public List<String> decayed() {
        List<String> decayed = new ArrayList<>(names);
        decayed.removeIf(name -> name.endsWith("bias") || name.contains("LayerNorm"));
        return decayed;
    }

    @Override
    public void close() {
        program.close();
        manager.close();
    }
}
