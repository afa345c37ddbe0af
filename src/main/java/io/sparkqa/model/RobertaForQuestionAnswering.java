package io.sparkqa.model;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import io.sparkqa.config.Experiment.Dtype;
import io.sparkqa.torch.Hardware;
import io.sparkqa.torch.TorchFile;
import io.sparkqa.torch.TorchProgram;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.function.IntFunction;
import java.util.stream.IntStream;

/**
 * RoBERTa (Liu et al. 2019) with a span head (Devlin et al. 2018): takes windows of token ids and returns start and end
 * logits, or the loss and its gradients. {@code roberta.py} holds the computation.
 *
 * <p>Parameters are float32 and have the checkpoint's names. The linear layers and GELU compute in float32 or bfloat16, and
 * so do attention's matrix products if a head is wide enough to gain from it. The softmax and its gradient compute in
 * float32 on their results; LayerNorm, residual sums, head and loss are always float32.
 */
public final class RobertaForQuestionAnswering implements AutoCloseable {
    /** The program's file, beside this class among the resources. */
    static final String PROGRAM = "roberta.py";

    /** A type in libtorch's {@code c10::ScalarType}. */
    private static final int FLOAT32 = 6;

    private static final int BFLOAT16 = 15;

    /** bfloat16 values of the widest vector register; products of narrower heads gain nothing from bfloat16. */
    private static final int BFLOAT16_LANES = 32;

    private final RobertaConfig config;
    private final Dropout dropout;
    private final Batching batching;
    private final boolean paddingInLoss;
    private final TorchFile file;
    private final NDManager manager;
    private final NDManager host;
    private final TorchProgram program;
    private final List<String> names;
    private final NDList parameters;

    /**
     * The word embeddings' gradient. It stays in memory from step to step, since a step changes only the rows of its tokens;
     * a new matrix of this size would cost more than the rest of a small network's step. Null before the first gradients.
     */
    private NDArray wordGradient;

    /** Tokens whose rows of the word embeddings' gradient are not zero, int32[n]. */
    private int[] written = {};

    /**
     * @param dropout dropout of training; its probabilities become constants of the program
     * @param bfloat16 whether the linear layers multiply in bfloat16
     * @param paddingInLoss whether padding tokens take part in the loss's softmax, as in HuggingFace's model
     */
    public RobertaForQuestionAnswering(
            ModelFolder.Weights weights, Device device, Dropout dropout, boolean bfloat16, boolean paddingInLoss) {
        this(
                weights,
                device,
                dropout,
                Batching.on(device, weights.config(), bfloat16, paddingInLoss),
                paddingInLoss,
                batching -> file(weights.config(), device, dropout, batching, bfloat16));
    }

    /**
     * @param file returns the file of the program for a batching
     */
    RobertaForQuestionAnswering(
            ModelFolder.Weights weights,
            Device device,
            Dropout dropout,
            Batching batching,
            boolean paddingInLoss,
            Function<Batching, TorchFile> file) {
        config = weights.config();
        this.dropout = dropout;
        this.batching = batching;
        this.paddingInLoss = paddingInLoss;
        this.file = file.apply(batching);
        manager = NDManager.newBaseManager(device, "PyTorch");
        host = NDManager.newBaseManager(Device.cpu(), "PyTorch");
        program = TorchProgram.load(manager, this.file);
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

    /** Returns the program, its constants set for a network on a device. */
    static TorchFile file(RobertaConfig config, Device device, Dropout dropout, Batching batching, boolean bfloat16) {
        return TorchFile.resource(
                RobertaForQuestionAnswering.class,
                PROGRAM,
                "Roberta",
                constants(config, device, dropout, batching, bfloat16));
    }

    /** Returns the values of the constants at the top of the program. */
    private static Map<String, Object> constants(
            RobertaConfig config, Device device, Dropout dropout, Batching batching, boolean bfloat16) {
        int headSize = config.hiddenSize() / config.heads();
        double scoreScale = 1 / Math.sqrt(headSize);
        boolean wideHeads = bfloat16 && headSize >= BFLOAT16_LANES;
        boolean packs = bfloat16 && !device.isGpu() && Hardware.bfloat16(Dtype.AUTO, device);
        return Map.ofEntries(
                Map.entry("HIDDEN_SIZE", config.hiddenSize()),
                Map.entry("HEADS", config.heads()),
                Map.entry("HEAD_SIZE", headSize),
                Map.entry("PAD", config.padTokenId()),
                Map.entry("LAYER_NORM_EPS", config.layerNormEps()),
                Map.entry("SCORE_SCALE", scoreScale),
                Map.entry("MATMUL_DTYPE", bfloat16 ? BFLOAT16 : FLOAT32),
                Map.entry("ATTENTION_DTYPE", wideHeads ? BFLOAT16 : FLOAT32),
                Map.entry("ON_GPU", device.isGpu()),
                Map.entry("PACKED_ATTENTION", batching.packed()),
                Map.entry("PRODUCT_ATTENTION", wideHeads && packs),
                Map.entry("PACKS_WEIGHTS", packs),
                Map.entry("DEVICE_DROPOUT", dropout instanceof DeviceDropout),
                Map.entry("HIDDEN_DROPOUT", dropout.hidden()),
                Map.entry("ATTENTION_DROPOUT", dropout.attention()),
                Map.entry("HIDDEN_KEEP_SCALE", 1 / (1 - dropout.hidden())),
                Map.entry("ATTENTION_KEEP_SCALE", 1 / (1 - dropout.attention())),
                Map.entry("KEPT_SCORE_SCALE", scoreScale / (1 - dropout.attention())));
    }

    /**
     * Copies a tensor to this network's device as float32. It allocates nothing else, which would leave holes between the
     * parameters in malloc's heap.
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

    /** Returns how this network's device takes windows. */
    public Batching batching() {
        return batching;
    }

    /** Returns the file of the network's program. */
    public TorchFile file() {
        return file;
    }

    /** Returns the manager that owns the parameters; scopes for {@link #gradients} are its children. */
    public NDManager manager() {
        return manager;
    }

    /** Returns the manager of arrays in the host's memory. */
    public NDManager host() {
        return host;
    }

    /** Returns the parameters' names, in the order of {@link #parameters}. */
    public List<String> names() {
        return names;
    }

    public NDList parameters() {
        return parameters;
    }

    /**
     * Adds the dropout of a training step to a micro-batch. May be called from any thread.
     *
     * @param step the optimizer step, which determines the dropout
     * @param memory returns a direct buffer of at least that many bytes, which must not change until the gradients are
     *     computed
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
     * The gradients of a step, and the loss of each of its micro-batches.
     *
     * @param sums float32, in the order of {@link #parameters}; the sum over the micro-batches
     */
    public record Gradients(NDList sums, NDList losses) {}

    /**
     * Returns the gradients of the loss {@code startScale * Σ CE(start) + endScale * Σ CE(end)}. The sums run over the windows
     * whose label is not ignored.
     *
     * @param scope owns the result, except for the word embeddings' gradient, which the next call overwrites
     * @param batches micro-batches from {@link #withDropout}
     */
    public Gradients gradients(NDManager scope, List<MicroBatch> batches) {
        clearWordGradient();
        NDList sums = new NDList();
        NDList losses = new NDList();
        for (MicroBatch batch : batches) {
            NDList more = gradients(scope, batch);
            losses.add(more.remove(more.size() - 1));
            if (sums.isEmpty()) {
                sums.addAll(more);
            } else {
                program.infer(scope, "accumulate", sums, more);
                more.close();
            }
        }
        sums.add(0, wordGradient);
        return new Gradients(sums, losses);
    }

    /** Adds to the word embeddings' gradient. Returns the gradients of the other parameters, then the loss. */
    private NDList gradients(NDManager scope, MicroBatch batch) {
        int[] ids = batch.ids(config.padTokenId());
        written = IntStream.concat(IntStream.of(written), IntStream.of(ids)).toArray();
        try (NDManager inputs = host.newSubManager()) {
            Arguments arguments = arguments(inputs, batch);
            return program.train(scope, "gradients", parameters, arguments.given(), arguments.targets(), wordGradient);
        }
    }

    /**
     * What the program takes for a micro-batch, besides the parameters, in the host's memory.
     *
     * @param given inputs of the forward pass, by name
     * @param targets inputs of the loss and its gradients, by name
     */
    public record Arguments(Map<String, NDArray> given, Map<String, NDArray> targets) {}

    /**
     * Returns the program's arguments for a micro-batch.
     *
     * @param inputs owns the result; a child of {@link #host}
     * @param batch a micro-batch from {@link #withDropout}
     */
    public Arguments arguments(NDManager inputs, MicroBatch batch) {
        if (batch.masks().remaining() != dropout.size(batch)) {
            throw new IllegalArgumentException("the micro-batch lacks its dropout masks");
        }
        return new Arguments(batch.inputs(inputs, config.padTokenId()), batch.targets(inputs, paddingInLoss));
    }

    private void clearWordGradient() {
        if (wordGradient == null) {
            wordGradient = manager.zeros(parameters.get(0).getShape());
        }
        if (written.length > 0) {
            try (NDManager inputs = host.newSubManager()) {
                program.infer(inputs, "clear_rows", wordGradient, inputs.create(written));
            }
            written = new int[0];
        }
    }

    /** Returns float32[2 * N]: the start logits of each token, then the end logits. */
    public float[] logits(MicroBatch batch) {
        return send(batch).logits();
    }

    /** Logits that a GPU may still be computing. */
    @FunctionalInterface
    public interface Pending {
        /**
         * Waits for the logits and returns float32[2 * N]: the start logits of each token, then the end logits. Must be
         * called once, from any thread, before the network is closed.
         */
        float[] logits();
    }

    /** Begins to compute the logits of a micro-batch. A GPU may still be computing them when this method returns. */
    public Pending send(MicroBatch batch) {
        NDManager scope = manager.newSubManager();
        NDArray logits;
        try (NDManager inputs = host.newSubManager()) {
            logits = program.infer(scope, "logits", parameters, batch.inputs(inputs, config.padTokenId()))
                    .singletonOrThrow();
        } catch (RuntimeException e) {
            scope.close();
            throw e;
        }
        return () -> {
            try (scope) {
                return logits.toFloatArray();
            }
        };
    }

    /**
     * Returns float32[N * H]: the output of the first layers.
     *
     * @param layers number of layers; 0 for the output of the embeddings
     */
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

    /** Returns the parameters by name, as views that show each parameter's current values. */
    public Map<String, Safetensors.Tensor> tensors() {
        Map<String, Safetensors.Tensor> tensors = new LinkedHashMap<>();
        for (int i = 0; i < names.size(); i++) {
            tensors.put(names.get(i), new Safetensors.ArrayTensor(parameters.get(i)));
        }
        return tensors;
    }

    /**
     * Prepares the network for answering: joins each layer's query, key and value into one matrix and converts its
     * parameters to the precision of the products and, on a CPU with bfloat16 instructions, to their layout. Afterwards only
     * {@link #logits} and {@link #hidden} may be called; their results are the same up to the order of sums.
     */
    public RobertaForQuestionAnswering freeze() {
        for (int layer = 0; layer < config.layers(); layer++) {
            String prefix = RobertaConfig.layerPrefix(layer);
            int[] indices = IntStream.range(0, names.size())
                    .filter(i -> names.get(i).startsWith(prefix))
                    .toArray();
            try (NDList trained = new NDList()) {
                IntStream.of(indices).forEach(i -> trained.add(parameters.get(i)));
                NDList frozen = program.infer(manager, "frozen", trained);
                for (int i = 0; i < indices.length; i++) {
                    parameters.set(indices[i], frozen.get(i));
                }
            }
        }
        return this;
    }

    /** Replaces the parameters' values with those of a checkpoint of this network. */
    public void restore(Map<String, Safetensors.Tensor> tensors) {
        for (int i = 0; i < names.size(); i++) {
            parameters.set(i, parameter(tensors.get(names.get(i)))).close();
        }
    }

    /** Returns the names of the parameters with weight decay: all but biases and LayerNorm's. */
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
