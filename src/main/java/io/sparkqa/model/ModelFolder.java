package io.sparkqa.model;

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
    private static final String ENCODER = "roberta.";

    private ModelFolder() {}

    /**
     * A network's parameters.
     *
     * @param tensors in the order of {@link RobertaConfig#tensors}
     * @param fresh names that the checkpoint lacks and that were drawn at random
     * @param unused names of the checkpoint that the network has no use for
     */
    public record Weights(
            RobertaConfig config, Map<String, Safetensors.Tensor> tensors, List<String> fresh, List<String> unused) {}

    /** Reads the folder's configuration. */
    public static RobertaConfig config(Path folder) {
        return RobertaConfig.read(folder.resolve(ModelFiles.CONFIG));
    }

    /**
     * Reads a checkpoint. One of the bare encoder (without {@code qa_outputs}) gets a fresh head.
     *
     * @param seed of the fresh head
     * @throws UserError if the folder or a tensor of the encoder is missing, or a tensor's shape is not what config.json says
     */
    public static Weights read(Path folder, long seed) {
        if (!Files.isDirectory(folder)) {
            throw new UserError(folder + " is not a folder; model.from names a HuggingFace model folder");
        }
        List<Path> files = ModelFiles.weights(folder);
        RobertaConfig config = config(folder);
        Map<String, Safetensors.Tensor> all = new LinkedHashMap<>();
        files.forEach(file -> all.putAll(Safetensors.read(file)));
        Map<String, Safetensors.Tensor> found = withEncoderPrefix(all);
        RandomWeights random = new RandomWeights(config, seed);
        Map<String, Safetensors.Tensor> tensors = new LinkedHashMap<>();
        List<String> fresh = new ArrayList<>();
        config.tensors().forEach((name, shape) -> {
            Safetensors.Tensor tensor = found.remove(name);
            if (tensor == null && name.startsWith("qa_outputs.")) {
                fresh.add(name);
                tensor = random.draw(name, shape);
            } else if (tensor == null) {
                throw new UserError(
                        inWords(files) + " lacks the tensor " + name + Arrays.toString(shape)
                                + ", which config.json asks for; fetch the checkpoint again, or use the config.json that belongs to it");
            } else if (!Arrays.equals(tensor.shape(), shape)) {
                throw new UserError(
                        inWords(files) + ": tensor " + name + " has the shape " + Arrays.toString(tensor.shape())
                                + " but config.json asks for " + Arrays.toString(shape)
                                + "; use the config.json that belongs to the checkpoint");
            }
            tensors.put(name, tensor);
        });
        return new Weights(config, tensors, fresh, List.copyOf(found.keySet()));
    }

    /** Draws all parameters at random. */
    public static Weights random(RobertaConfig config, long seed) {
        RandomWeights random = new RandomWeights(config, seed);
        Map<String, Safetensors.Tensor> tensors = new LinkedHashMap<>();
        config.tensors().forEach((name, shape) -> tensors.put(name, random.draw(name, shape)));
        return new Weights(config, tensors, List.copyOf(tensors.keySet()), List.of());
    }

    /** All parameters zero, to be filled in later. */
    public static Weights zeros(RobertaConfig config) {
        Map<String, Safetensors.Tensor> tensors = new LinkedHashMap<>();
        config.tensors().forEach((name, shape) -> tensors.put(name, Safetensors.Tensor.zeros(shape)));
        return new Weights(config, tensors, List.of(), List.of());
    }

    private static Map<String, Safetensors.Tensor> withEncoderPrefix(Map<String, Safetensors.Tensor> tensors) {
        boolean bare = tensors.keySet().stream().anyMatch(name -> name.startsWith("embeddings."));
        Map<String, Safetensors.Tensor> named = new LinkedHashMap<>();
        tensors.forEach((name, tensor) -> named.put(bare ? ENCODER + name : name, tensor));
        return named;
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
