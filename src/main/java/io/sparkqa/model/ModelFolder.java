package io.sparkqa.model;

import io.sparkqa.config.Printable;
import io.sparkqa.config.UserError;
import io.sparkqa.hub.ModelFiles;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * A HuggingFace model folder: config.json, the tokenizer's files, model.safetensors or its shards. What {@code from_pretrained}
 * opens, this opens, and the other way round.
 */
public final class ModelFolder {
    private static final String HEAD = "qa_outputs.";
    private static final String ENCODER = "roberta.";
    private static final List<String> PARTS_OF_ENCODER = List.of("embeddings.", "encoder.", "pooler.");

    private ModelFolder() {}

    /**
     * A network's parameters.
     *
     * @param tensors in the order of {@link RobertaConfig#tensors}
     * @param fresh names of the tensors that the checkpoint lacks, which were drawn at random
     * @param unused names of the checkpoint's tensors that the network does not have
     */
    public record Weights(
            RobertaConfig config, Map<String, Safetensors.Tensor> tensors, List<String> fresh, List<String> unused) {
        /**
         * Returns these weights if they can answer questions.
         *
         * @param folder that they were read from
         * @throws UserError if some tensors were drawn at random
         */
        public Weights requireTrained(Path folder) {
            if (!fresh.isEmpty()) {
                throw new UserError(
                        "%s: the checkpoint lacks %s; drawn at random, they would answer at random. Train first (jobs/train.sh with this model as model.from), or name a model that was fine-tuned for question answering"
                                .formatted(folder, String.join(", ", fresh)));
            }
            return this;
        }
    }

    /** Reads the folder's configuration. */
    public static RobertaConfig config(Path folder) {
        return RobertaConfig.read(folder.resolve(ModelFiles.CONFIG));
    }

    /**
     * Reads a checkpoint. If it has no {@code qa_outputs}, the head is drawn at random.
     *
     * @param seed of that head
     * @throws UserError if the folder or a tensor of the encoder is missing, or a tensor is not as config.json says
     */
    public static Weights read(Path folder, long seed) {
        if (!Files.isDirectory(folder)) {
            throw new UserError("%s: not a folder; model.from names a HuggingFace model folder".formatted(folder));
        }
        List<Path> files = ModelFiles.weights(folder);
        RobertaConfig config = config(folder);
        Map<String, Safetensors.Tensor> found = new LinkedHashMap<>();
        files.forEach(file -> Safetensors.read(file).forEach((name, tensor) -> found.put(presentName(name), tensor)));
        RandomWeights random = new RandomWeights(config, seed);
        Map<String, Safetensors.Tensor> tensors = new LinkedHashMap<>();
        List<String> fresh = new ArrayList<>();
        config.tensors().forEach((name, shape) -> {
            Safetensors.Tensor tensor = found.remove(name);
            if (tensor == null && name.startsWith(HEAD)) {
                fresh.add(name);
                tensor = random.draw(name, shape);
            }
            String wrong = wrong(tensor, name, shape);
            if (!wrong.isEmpty()) {
                throw new UserError(inWords(files) + ": " + wrong);
            }
            tensors.put(name, tensor);
        });
        return new Weights(config, tensors, fresh, List.copyOf(found.keySet()));
    }

    /** Returns what is wrong with the tensor of a checkpoint; empty if nothing is. */
    private static String wrong(Safetensors.Tensor tensor, String name, long[] shape) {
        if (tensor == null) {
            return "no tensor %s%s, which config.json asks for; fetch the checkpoint again, or use the config.json that belongs to it"
                    .formatted(name, Arrays.toString(shape));
        }
        if (!Arrays.equals(tensor.shape(), shape)) {
            return "tensor %s has the shape %s but config.json asks for %s; use the config.json that belongs to the checkpoint"
                    .formatted(name, Printable.of(Arrays.toString(tensor.shape())), Arrays.toString(shape));
        }
        return tensor.isFloat()
                ? ""
                : "tensor %s has the type %s, which can't be read as weights; save the model in float32, float16 or bfloat16"
                        .formatted(name, tensor.dtype());
    }

    /**
     * Returns the present name of a tensor. A bare encoder names its own without {@code roberta.}; early checkpoints name
     * LayerNorm's parameters gamma and beta.
     */
    private static String presentName(String name) {
        String prefixed = PARTS_OF_ENCODER.stream().anyMatch(name::startsWith) ? ENCODER + name : name;
        return prefixed.replace("LayerNorm.gamma", "LayerNorm.weight").replace("LayerNorm.beta", "LayerNorm.bias");
    }

    /** Draws all parameters at random. */
    public static Weights random(RobertaConfig config, long seed) {
        RandomWeights random = new RandomWeights(config, seed);
        Map<String, Safetensors.Tensor> tensors = new LinkedHashMap<>();
        config.tensors().forEach((name, shape) -> tensors.put(name, random.draw(name, shape)));
        return new Weights(config, tensors, List.copyOf(tensors.keySet()), List.of());
    }

    /** Returns parameters that are all zero, to be filled in later. */
    public static Weights zeros(RobertaConfig config) {
        Map<String, Safetensors.Tensor> tensors = new LinkedHashMap<>();
        config.tensors().forEach((name, shape) -> tensors.put(name, Safetensors.Tensor.zeros(shape)));
        return new Weights(config, tensors, List.of(), List.of());
    }

    private static String inWords(List<Path> files) {
        return files.size() == 1
                ? files.get(0).toString()
                : "%s (and %d more)".formatted(files.get(0), files.size() - 1);
    }

    /**
     * Writes a model folder; not atomic, so into a folder that is renamed afterwards.
     *
     * @param tokenizer folder whose tokenizer files are copied
     */
    public static void write(Path folder, RobertaConfig config, Map<String, Safetensors.Tensor> tensors, Path tokenizer)
            throws IOException {
        Files.createDirectories(folder);
        Files.writeString(folder.resolve(ModelFiles.CONFIG), config.questionAnsweringJson());
        Safetensors.write(folder.resolve(ModelFiles.WEIGHTS), tensors);
        for (String name : ModelFiles.TOKENIZER) {
            if (Files.isRegularFile(tokenizer.resolve(name))) {
                Files.copy(tokenizer.resolve(name), folder.resolve(name), StandardCopyOption.REPLACE_EXISTING);
            }
        }
    }
}
