package io.sparkqa.train;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import io.sparkqa.config.UserError;
import io.sparkqa.model.RobertaForQuestionAnswering;
import io.sparkqa.model.Safetensors;
import io.sparkqa.torch.TorchFile;
import io.sparkqa.torch.TorchProgram;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.IntStream;

/**
 * Adam with decoupled weight decay (Loshchilov and Hutter 2019, algorithm 2, as PyTorch computes it): betas 0.9 and
 * 0.999, epsilon 1e-8 added after the square root of the corrected second moment. Biases and LayerNorm's parameters do
 * not decay.
 */
final class AdamW {
    private static final String FILE = "optimizer.safetensors";
    private static final String FIRST = "exp_avg.";
    private static final String SECOND = "exp_avg_sq.";

    private final RobertaForQuestionAnswering network;
    private final TorchProgram program;
    private final double weightDecay;
    private final double maxNorm;
    private final NDList first = new NDList();
    private final NDList second = new NDList();
    private final int[] decayed;
    private final int[] undecayed;

    /**
     * @param maxNorm greatest global L2 norm of the gradients; 0 for no limit
     */
    AdamW(RobertaForQuestionAnswering network, double weightDecay, double maxNorm) {
        this.network = network;
        this.program = TorchProgram.load(network.manager(), file());
        this.weightDecay = weightDecay;
        this.maxNorm = maxNorm > 0 ? maxNorm : Double.POSITIVE_INFINITY;
        for (NDArray parameter : network.parameters()) {
            first.add(network.manager().zeros(parameter.getShape()));
            second.add(network.manager().zeros(parameter.getShape()));
        }
        Set<String> decaying = new HashSet<>(network.decayed());
        List<String> names = network.names();
        decayed = IntStream.range(0, names.size())
                .filter(i -> decaying.contains(names.get(i)))
                .toArray();
        undecayed = IntStream.range(0, names.size())
                .filter(i -> !decaying.contains(names.get(i)))
                .toArray();
    }

    /** Returns the optimizer's program. */
    static TorchFile file() {
        return TorchFile.resource(AdamW.class, "adamw.py", "AdamW", Map.of());
    }

    /** Returns the gradients' global L2 norm, a scalar in the scope. */
    NDArray norm(NDManager scope, NDList gradients) {
        return program.infer(scope, "norm", gradients).singletonOrThrow();
    }

    /**
     * Updates the parameters in place. The same pass scales the gradients, also in place, so that their norm is at most
     * {@code maxNorm}.
     *
     * @param norm norm of the gradients
     * @param step number of updates including this one, from 1
     */
    void update(NDManager scope, NDList gradients, NDArray norm, long step, double learningRate) {
        update(scope, gradients, norm, decayed, step, learningRate, weightDecay);
        update(scope, gradients, norm, undecayed, step, learningRate, 0);
    }

    private void update(
            NDManager scope,
            NDList gradients,
            NDArray norm,
            int[] group,
            long step,
            double learningRate,
            double decay) {
        try (NDManager inputs = network.host().newSubManager()) {
            NDArray settings = settings(inputs, decay, step, learningRate);
            program.infer(
                    scope,
                    "update",
                    pick(network.parameters(), group),
                    pick(gradients, group),
                    pick(first, group),
                    pick(second, group),
                    norm,
                    settings);
        }
    }

    /**
     * Returns the settings that the program's update takes.
     *
     * @param inputs owns the result
     * @param decay weight decay of the parameters to update
     * @param step number of updates including this one, from 1
     */
    NDArray settings(NDManager inputs, double decay, long step, double learningRate) {
        return inputs.create(new double[] {learningRate, decay, step, maxNorm});
    }

    /** Returns the weight decay of the parameters that have one. */
    double weightDecay() {
        return weightDecay;
    }

    /** Returns the first moments, in the order of the network's parameters. */
    NDList firstMoments() {
        return first;
    }

    /** Returns the second moments, in the order of the network's parameters. */
    NDList secondMoments() {
        return second;
    }

    private static NDList pick(NDList arrays, int[] group) {
        NDList picked = new NDList(group.length);
        for (int i : group) {
            picked.add(arrays.get(i));
        }
        return picked;
    }

    /** Writes both moments into a folder, as {@code exp_avg.<parameter>} and {@code exp_avg_sq.<parameter>}. */
    void write(Path folder) throws IOException {
        Map<String, Safetensors.Tensor> tensors = new LinkedHashMap<>();
        for (int i = 0; i < network.names().size(); i++) {
            String name = network.names().get(i);
            tensors.put(FIRST + name, new Safetensors.ArrayTensor(first.get(i)));
            tensors.put(SECOND + name, new Safetensors.ArrayTensor(second.get(i)));
        }
        Safetensors.write(folder.resolve(FILE), tensors);
    }

    /**
     * Reads both moments from a folder.
     *
     * @throws UserError if one is missing or does not have its parameter's shape
     */
    void read(Path folder) {
        Path file = folder.resolve(FILE);
        Map<String, Safetensors.Tensor> tensors = Safetensors.read(file);
        for (int i = 0; i < network.names().size(); i++) {
            first.set(i, moment(file, tensors, FIRST, i)).close();
            second.set(i, moment(file, tensors, SECOND, i)).close();
        }
    }

    private NDArray moment(Path file, Map<String, Safetensors.Tensor> tensors, String prefix, int parameter) {
        String name = prefix + network.names().get(parameter);
        Safetensors.Tensor tensor = tensors.get(name);
        long[] shape = network.parameters().get(parameter).getShape().getShape();
        if (tensor == null || !tensor.isFloat() || !Arrays.equals(tensor.shape(), shape)) {
            throw new UserError(
                    "%s: no tensor %s of the shape %s; delete this checkpoint to train from the one before it"
                            .formatted(file, name, Arrays.toString(shape)));
        }
        return network.copy(tensor);
    }

    /** Sets both moments to zero, as before the first step. */
    void reset() {
        for (int i = 0; i < network.names().size(); i++) {
            first.set(i, first.get(i).zerosLike()).close();
            second.set(i, second.get(i).zerosLike()).close();
        }
    }
}
