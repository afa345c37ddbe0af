package io.sparkqa.model;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.sparkqa.config.Printable;
import io.sparkqa.config.UserError;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;

/**
 * The configuration of a RoBERTa network, read from HuggingFace's config.json.
 *
 * @param json the file's text, which {@link #questionAnsweringJson} writes again
 */
public record RobertaConfig(
        int vocabSize,
        int hiddenSize,
        int layers,
        int heads,
        int intermediateSize,
        int maxPositions,
        int typeVocabSize,
        int padTokenId,
        double layerNormEps,
        double hiddenDropout,
        double attentionDropout,
        double initializerRange,
        String json) {

    /** Most bytes of a config.json. */
    private static final int LONGEST_FILE = 10_000_000;

    /** Highest probability of dropping a value. Kept values are divided by 1 - probability. */
    private static final double HIGHEST_DROPOUT = 0.99;

    /** Most layers; RoBERTa-large has 24. */
    private static final int MOST_LAYERS = 1000;

    /** Most rows or columns of a matrix. */
    private static final int MOST_ROWS = 100_000_000;

    /** Fewest tokens of a window: four special tokens, two of the question, two of the context. */
    private static final int SHORTEST_WINDOW = 8;

    /** HuggingFace's name of the type of written weights. */
    private static final String FLOAT32 = "float32";

    private static final ObjectMapper JSON = new ObjectMapper();

    /**
     * Reads a config.json. Missing keys have HuggingFace's defaults for the model type.
     *
     * @throws UserError if the file is missing, is not JSON, or does not describe a RoBERTa network
     */
    public static RobertaConfig read(Path file) {
        byte[] bytes = bytes(file);
        try {
            ConfigFile json = new ConfigFile(file, JSON.readTree(bytes));
            ModelType type = json.type();
            json.require("hidden_act", "gelu");
            json.require("position_embedding_type", "absolute");
            int vocabSize = json.integer("vocab_size", type.vocabSize(), 1, MOST_ROWS);
            int maxPositions = json.integer("max_position_embeddings", 512, SHORTEST_WINDOW, MOST_ROWS);
            int hiddenSize = json.integer("hidden_size", 768, 1, MOST_ROWS);
            RobertaConfig config = new RobertaConfig(
                    vocabSize,
                    hiddenSize,
                    json.integer("num_hidden_layers", 12, 1, MOST_LAYERS),
                    json.integer("num_attention_heads", 12, 1, hiddenSize),
                    json.integer("intermediate_size", 3072, 1, MOST_ROWS),
                    maxPositions,
                    json.integer("type_vocab_size", 2, 1, MOST_ROWS),
                    json.integer("pad_token_id", 1, 0, Math.min(vocabSize, maxPositions - SHORTEST_WINDOW) - 1),
                    json.number("layer_norm_eps", 1e-12, 0, 1),
                    json.number("hidden_dropout_prob", 0.1, 0, HIGHEST_DROPOUT),
                    json.number("attention_probs_dropout_prob", 0.1, 0, HIGHEST_DROPOUT),
                    json.number("initializer_range", 0.02, 0, 10),
                    new String(bytes, StandardCharsets.UTF_8));
            if (config.hiddenSize % config.heads != 0) {
                throw new UserError("%s: hidden_size %s is not a multiple of num_attention_heads %s"
                        .formatted(file, config.hiddenSize, config.heads));
            }
            config.tensors().forEach((name, shape) -> requireBelowLimit(file, name, shape));
            return config;
        } catch (IOException e) {
            throw new UserError("%s: not JSON: %s".formatted(file, Printable.of(String.valueOf(e.getMessage()))), e);
        }
    }

    private static byte[] bytes(Path file) {
        try {
            if (Files.size(file) > LONGEST_FILE) {
                throw new UserError(String.format(
                        Locale.ROOT,
                        "%s: has %,d bytes, and at most %,d are read; a model's config.json has a few thousand",
                        file,
                        Files.size(file),
                        LONGEST_FILE));
            }
            return Files.readAllBytes(file);
        } catch (IOException e) {
            throw new UserError("%s: can't be read; a model folder needs a config.json".formatted(file), e);
        }
    }

    private static void requireBelowLimit(Path file, String name, long[] shape) {
        long bytes = Arrays.stream(shape).reduce(Float.BYTES, Math::multiplyExact);
        if (bytes > Integer.MAX_VALUE) {
            throw new UserError(String.format(
                    Locale.ROOT,
                    "%s: the tensor %s%s would have %,d bytes in float32, and at most %,d are possible",
                    file,
                    name,
                    Arrays.toString(shape),
                    bytes,
                    Integer.MAX_VALUE));
        }
    }

    /** Returns the value of {@code model_type}. */
    String modelType() {
        try {
            return JSON.readTree(json).path("model_type").asText();
        } catch (JsonProcessingException e) {
            throw new IllegalStateException(e);
        }
    }

    /**
     * Returns the config.json of a question answering model with weights in float32: the text as read, except for {@code
     * architectures} and {@code torch_dtype}, which newer versions of transformers call {@code dtype}.
     */
    public String questionAnsweringJson() {
        try {
            ObjectNode tree = (ObjectNode) JSON.readTree(json);
            String architecture = ModelType.named(modelType()).orElseThrow().architecture();
            String dtype = tree.has("dtype") ? "dtype" : "torch_dtype";
            if (tree.path("architectures").path(0).asText().equals(architecture)
                    && tree.path(dtype).asText().equals(FLOAT32)) {
                return json;
            }
            tree.putArray("architectures").add(architecture);
            tree.put(dtype, FLOAT32);
            return JSON.writerWithDefaultPrettyPrinter().writeValueAsString(tree) + "\n";
        } catch (JsonProcessingException e) {
            throw new IllegalStateException(e);
        }
    }

    /** Returns the most tokens of a window. Positions are numbered from the padding id + 1. */
    public int longestWindow() {
        return maxPositions - padTokenId - 1;
    }

    /** Returns the checkpoint's tensor names and shapes, in the order of the network's parameters. */
    public Map<String, long[]> tensors() {
        Map<String, long[]> tensors = new LinkedHashMap<>();
        String embeddings = "roberta.embeddings.";
        tensors.put(embeddings + "word_embeddings.weight", new long[] {vocabSize, hiddenSize});
        tensors.put(embeddings + "position_embeddings.weight", new long[] {maxPositions, hiddenSize});
        tensors.put(embeddings + "token_type_embeddings.weight", new long[] {typeVocabSize, hiddenSize});
        norm(tensors, embeddings + "LayerNorm");
        for (int i = 0; i < layers; i++) {
            String layer = layerPrefix(i);
            linear(tensors, layer + "attention.self.query", hiddenSize, hiddenSize);
            linear(tensors, layer + "attention.self.key", hiddenSize, hiddenSize);
            linear(tensors, layer + "attention.self.value", hiddenSize, hiddenSize);
            linear(tensors, layer + "attention.output.dense", hiddenSize, hiddenSize);
            norm(tensors, layer + "attention.output.LayerNorm");
            linear(tensors, layer + "intermediate.dense", hiddenSize, intermediateSize);
            linear(tensors, layer + "output.dense", intermediateSize, hiddenSize);
            norm(tensors, layer + "output.LayerNorm");
        }
        linear(tensors, "qa_outputs", hiddenSize, 2);
        return tensors;
    }

    /** Returns the prefix of the names of a layer's tensors. */
    static String layerPrefix(int layer) {
        return "roberta.encoder.layer." + layer + ".";
    }

    private void norm(Map<String, long[]> tensors, String name) {
        tensors.put(name + ".weight", new long[] {hiddenSize});
        tensors.put(name + ".bias", new long[] {hiddenSize});
    }

    private static void linear(Map<String, long[]> tensors, String name, int from, int to) {
        tensors.put(name + ".weight", new long[] {to, from});
        tensors.put(name + ".bias", new long[] {to});
    }
}
