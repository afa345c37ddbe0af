package io.sparkqa.model;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import io.sparkqa.config.Experiment.Dtype;
import io.sparkqa.torch.Hardware;
import io.sparkqa.torch.TorchProgram;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.IntFunction;

/**
 * RoBERTa with a span head (Liu et al. 2019; the head of Devlin et al. 2018): windows of token ids in, start and end
 * logits out, or the loss and its gradients.
 *
 * <p>Parameters are float32 under the checkpoint's names. The linear layers multiply in float32 or bfloat16, GELU takes
 * what they return, and attention's matrices are in that precision, too, where a head is wide enough to gain anything from
 * it: scores, weights, and the gradients of both. The softmax and its gradient compute in float32 on them; LayerNorm,
 * residual sums, head and loss are float32 everywhere.
 */
public final class RobertaForQuestionAnswering implements AutoCloseable {
    private static final String SOURCE = "roberta.torchscript";
    private static final int FLOAT32 = 6;
    private static final int BFLOAT16 = 15;

    /** Parameters before the first layer's. */
    private static final int EMBEDDINGS = 5;

    private static final int PARAMETERS_OF_A_LAYER = 16;

    /** Tokens of a pass for which the layout of packed matrices is chosen. */
    private static final int PACKED_FOR = 3072;

    /** Values of the widest vector register in bfloat16; narrower products gain nothing from it. */
    private static final int BFLOAT16_LANES = 32;

    private final RobertaConfig config;
    private final Dropout dropout;
    private final boolean paddingInLoss;
    private final NDManager manager;
    private final NDManager host;
    private final TorchProgram program;
    private final List<String> names;
    private final NDList parameters;

    /**
     * @param dropout of training; its probabilities are part of the program
     * @param bfloat16 whether the linear layers multiply in bfloat16
     * @param paddingInLoss whether padding tokens take part in the loss's softmax, as in HuggingFace's model
     */
    public RobertaForQuestionAnswering(
            ModelFolder.Weights weights, Device device, Dropout dropout, boolean bfloat16, boolean paddingInLoss) {
        config = weights.config();
        this.dropout = dropout;
        this.paddingInLoss = paddingInLoss;
        manager = NDManager.newBaseManager(device, "PyTorch");
        host = NDManager.newBaseManager(Device.cpu(), "PyTorch");
        program = TorchProgram.load(manager, "Roberta", source(config, device, dropout, bfloat16));
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

    private static String source(RobertaConfig config, Device device, Dropout dropout, boolean bfloat16) {
        int headSize = config.hiddenSize() / config.heads();
        boolean wideHeads = bfloat16 && headSize >= BFLOAT16_LANES;
        boolean packs = bfloat16 && !device.isGpu() && Hardware.bfloat16(Dtype.AUTO, device);
        Map<String, Object> constants = Map.ofEntries(
                Map.entry("layers", config.layers()),
                Map.entry("heads", config.heads()),
                Map.entry("head_size", headSize),
                Map.entry("hidden", config.hiddenSize()),
                Map.entry("pad", config.padTokenId()),
                Map.entry("eps", config.layerNormEps()),
                Map.entry("query_scale", 1 / Math.sqrt(headSize)),
                Map.entry("dtype", bfloat16 ? BFLOAT16 : FLOAT32),
                Map.entry("weight_dtype", wideHeads ? BFLOAT16 : FLOAT32),
                Map.entry("product_attention", word(wideHeads && packs)),
                Map.entry("packs", word(packs)),
                Map.entry("packed_for", PACKED_FOR),
                Map.entry("on_gpu", word(device.isGpu())),
                Map.entry("own_dropout", word(dropout instanceof DeviceDropout)),
                Map.entry("hidden_dropout", dropout.hidden()),
                Map.entry("attention_dropout", dropout.attention()),
                Map.entry("hidden_keep_scale", 1 / (1 - dropout.hidden())),
                Map.entry("attention_keep_scale", 1 / (1 - dropout.attention())),
                Map.entry("kept_query_scale", 1 / Math.sqrt(headSize) / (1 - dropout.attention())));
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

    /** As TorchScript writes it. */
    private static String word(boolean value) {
        return value ? "True" : "False";
    }

    /**
     * Copies a tensor to this network's device, into float32 memory of its own. Nothing else is taken from malloc for it: that
     * would leave holes between the parameters.
     */
    public NDArray copy(Safetensors.Tensor tensor) {
        NDArray copy = host.create(new Shape(tensor.shape()), DataType.FLOAT32);
        copy.toByteBuffer(true).order(ByteOrder.nativeOrder()).asFloatBuffer().put(tensor.floats());
        if (manager.getDevice().isGpu()) {
            try (NDArray onHost = copy) {
                copy = onHost.toDevice(manager.getDevice(), true);
            }
        }
        copy.attach(manager);
        return copy;
    }

    public RobertaConfig config() {
        return config;
    }

    /** Owner of the parameters; scopes for {@link #gradients} are its children. */
    public NDManager manager() {
        return manager;
    }

    /** Owner of what lies in the host's memory, wherever the parameters are. */
    public NDManager host() {
        return host;
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
     * Adds the dropout of a training step to a micro-batch. May be called from any thread.
     *
     * @param step the optimizer step, which keys the dropout
     * @param memory gives a direct buffer of at least so many bytes, which must stay as it is until the gradients are there
     */
    public MicroBatch withDropout(MicroBatch batch, long step, IntFunction<ByteBuffer> memory) {
        int size = dropout.size(batch);
        ByteBuffer masks = batch.masks();
        if (size > 0) {
            masks = memory.apply(size).duplicate().limit(size);
            dropout.draw(step, batch, masks);
        }
        return batch.withDropout(masks, dropout.seed(step, batch));
    }

    /**
     * Returns the gradients of {@code startScale * Σ CE(start) + endScale * Σ CE(end)} over the windows whose label is
     * not ignored, float32 and in the order of {@link #parameters}, followed by that loss itself.
     *
     * @param scope owns the result
     * @param batch with its dropout
     */
    public NDList gradients(NDManager scope, MicroBatch batch) {
        if (batch.masks().remaining() != dropout.size(batch)) {
            throw new IllegalArgumentException("the micro-batch lacks its dropout masks");
        }
        try (NDManager inputs = host.newSubManager()) {
            NDArray scale = inputs.create(new float[] {batch.startScale(), batch.endScale()});
            return program.train(
                    scope,
                    "gradients",
                    parameters,
                    batch.inputs(inputs, config.padTokenId()),
                    batch.targets(inputs, config.heads(), paddingInLoss),
                    scale);
        }
    }

    /** Adds gradients to others in place, array by array. */
    public void accumulate(NDManager scope, NDList sum, NDList more) {
        program.infer(scope, "accumulate", sum, more);
    }

    /** Returns float32[2 * N]: the start logits of each token, then the end logits. */
    public float[] logits(MicroBatch batch) {
        try (NDManager scope = manager.newSubManager();
                NDManager inputs = host.newSubManager()) {
            return program.infer(scope, "logits", parameters, batch.inputs(inputs, config.padTokenId()))
                    .singletonOrThrow()
                    .toFloatArray();
        }
    }

    /** Returns float32[N * H]: the output of the embeddings (0 layers) or of the layer of that number. */
    public float[] hidden(MicroBatch batch, int layers) {
        try (NDManager scope = manager.newSubManager();
                NDManager inputs = host.newSubManager()) {
            return program.infer(
                            scope, "hidden", parameters, batch.inputs(inputs, config.padTokenId()), inputs.create((long)
                                    layers))
                    .singletonOrThrow()
                    .toFloatArray();
        }
    }

    /** Returns the parameters by name: not copies, so with the values that they have when these are asked for. */
    public Map<String, Safetensors.Tensor> tensors() {
        Map<String, Safetensors.Tensor> tensors = new LinkedHashMap<>();
        for (int i = 0; i < names.size(); i++) {
            tensors.put(names.get(i), new Safetensors.ArrayTensor(parameters.get(i)));
        }
        return tensors;
    }

    /**
     * For a network that trains no more: keeps each layer's parameters in the precision and, on a CPU that multiplies
     * bfloat16, in the layout in which they multiply, with queries, keys and values as one matrix. {@link #logits} and
     * {@link #hidden} return the same, up to the order of sums; nothing else may be asked of the network.
     */
    public RobertaForQuestionAnswering freeze() {
        for (int layer = 0; layer < config.layers(); layer++) {
            int first = EMBEDDINGS + layer * PARAMETERS_OF_A_LAYER;
            try (NDList own = new NDList(parameters.subList(first, first + PARAMETERS_OF_A_LAYER))) {
                NDList frozen = program.infer(manager, "frozen", own);
                for (int i = 0; i < frozen.size(); i++) {
                    parameters.set(first + i, frozen.get(i));
                }
            }
        }
        return this;
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
        host.close();
        manager.close();
    }
}
