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
 * A HuggingFace model folder: config.json, the tokenizer's files, and model.safetensors or its shards. HuggingFace's
 * {@code from_pretrained} opens the folders that this class writes.
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
     * @param fresh names of the tensors that were drawn at random because the checkpoint lacks them
     * @param unused names of the checkpoint's tensors that the network does not have
     */
    public record Weights(
            RobertaConfig config, Map<String, Safetensors.Tensor> tensors, List<String> fresh, List<String> unused) {
        /**
         * Returns these weights if all of them are trained.
         *
         * @param folder the folder that they were read from
         * @throws UserError if some tensors were drawn at random
         */
        public Weights requireTrained(Path folder) {
            if (!fresh.isEmpty()) {
                throw new UserError(
                        "%s: the checkpoint lacks %s, so it can't answer questions; train it first (jobs/train.sh with this model as model.from), or choose a model that was fine-tuned for question answering"
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
     * @param seed seed of the random head
     * @throws UserError if the folder or a tensor of the encoder is missing, or a tensor does not fit config.json
     */
    public static Weights read(Path folder, long seed) {
        if (!Files.isDirectory(folder)) {
            throw new UserError("%s: not a folder; set model.from to a HuggingFace model folder".formatted(folder));
        }
        List<Path> files = ModelFiles.weights(folder);
        RobertaConfig config = config(folder);
        Map<String, Safetensors.Tensor> found = new LinkedHashMap<>();
        files.forEach(file -> Safetensors.read(file).forEach((name, tensor) -> found.put(currentName(name), tensor)));
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

    /** Returns why a checkpoint's tensor can't be used; empty if it can. */
    private static String wrong(Safetensors.Tensor tensor, String name, long[] shape) {
        if (tensor == null) {
            return "no tensor %s%s, which config.json requires; fetch the checkpoint again, or use the config.json that belongs to it"
                    .formatted(name, Arrays.toString(shape));
        }
        if (!Arrays.equals(tensor.shape(), shape)) {
            return "tensor %s has the shape %s but config.json requires %s; use the config.json that belongs to the checkpoint"
                    .formatted(name, Printable.of(Arrays.toString(tensor.shape())), Arrays.toString(shape));
        }
        return tensor.isFloat()
                ? ""
                : "tensor %s has the type %s, which can't be read as weights; save the model in float32, float16 or bfloat16"
                        .formatted(name, tensor.dtype());
    }

    /**
     * Returns the current name of a tensor. A checkpoint of the encoder alone lacks the prefix {@code roberta.}; early
     * checkpoints call LayerNorm's parameters gamma and beta.
     */
    private static String currentName(String name) {
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

    /** Returns parameters that are all zero. */
    public static Weights zeros(RobertaConfig config) {
        Map<String, Safetensors.Tensor> tensors = new LinkedHashMap<>();
        config.tensors().forEach((name, shape) -> tensors.put(name, Safetensors.Tensor.zeros(shape)));
        return new Weights(config, tensors, List.of(), List.of());
    }

    private static String inWords(List<Path> files) {
        return files.size() == 1
                ? files.get(0).toString()
                : "%s (and %s more)".formatted(files.get(0), files.size() - 1);
    }

    /**
     * Writes a model folder. Not atomic: write to a staging folder and rename it.
     *
     * @param tokenizer folder from which the tokenizer's files are copied
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
