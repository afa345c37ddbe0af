package io.sparkqa.model;

import io.sparkqa.config.UserError;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/**
 * A HuggingFace model folder: config.json, the tokenizer's files, model.safetensors. What {@code from_pretrained}
 * opens, this opens, and the other way round.
 */
public final class ModelFolder {
    /** Name of the network's configuration. */
    public static final String CONFIG = "config.json";

    private static final String WEIGHTS = "model.safetensors";
    private static final String ENCODER = "roberta.";
    private static final List<String> TOKENIZER_FILES =
            List.of("tokenizer.json", "tokenizer_config.json", "special_tokens_map.json", "vocab.json", "merges.txt");

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
        return RobertaConfig.read(folder.resolve(CONFIG));
    }

    /**
     * Reads a checkpoint. One of the bare encoder (without {@code qa_outputs}) gets a fresh head.
     *
     * @param seed of the fresh head
     * @throws UserError if the folder or a tensor of the encoder is missing, or a tensor's shape is not what config.json says
     */
    public static Weights read(Path folder, long seed) {
        Path file = folder.resolve(WEIGHTS);
        if (!Files.isRegularFile(file)) {
            throw new UserError(missing(folder));
        }
        RobertaConfig config = config(folder);
        Map<String, Safetensors.Tensor> found = withEncoderPrefix(Safetensors.read(file));
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
                        file + " lacks the tensor " + name + Arrays.toString(shape)
                                + ", which config.json asks for; fetch the checkpoint again, or use the config.json that belongs to it");
            } else if (!Arrays.equals(tensor.shape(), shape)) {
                throw new UserError(file + ": tensor " + name + " has the shape " + Arrays.toString(tensor.shape())
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

    private static String missing(Path folder) {
        if (!Files.isDirectory(folder)) {
            return folder + " is not a folder; model.from names a HuggingFace model folder";
        }
        try (Stream<Path> files = Files.list(folder)) {
            if (files.anyMatch(file -> file.toString().endsWith(".bin"))) {
                return folder + " holds its weights as a pickle (.bin), which is never loaded; save the model with"
                        + " save_pretrained(..., safe_serialization=True), or take a revision with " + WEIGHTS;
            }
        } catch (IOException e) {
            return folder + " cannot be listed (" + e.getMessage() + ")";
        }
        return folder + " has no " + WEIGHTS + "; fetch the model again, or set model.config for a random start";
    }

    /**
     * Writes a model folder; not atomic, so into a folder beside the final one.
     *
     * @param tokenizer folder whose tokenizer files are copied
     */
    public static void write(Path folder, RobertaConfig config, Map<String, Safetensors.Tensor> tensors, Path tokenizer)
            throws IOException {
        Files.createDirectories(folder);
        Files.writeString(folder.resolve(CONFIG), config.questionAnsweringJson());
        Safetensors.write(folder.resolve(WEIGHTS), tensors);
        for (String name : TOKENIZER_FILES) {
            if (Files.isRegularFile(tokenizer.resolve(name))) {
                Files.copy(tokenizer.resolve(name), folder.resolve(name), StandardCopyOption.REPLACE_EXISTING);
            }
        }
    }
}
