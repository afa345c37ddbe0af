package io.sparkqa.model;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.sparkqa.config.UserError;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Function;

/**
 * The shape of a RoBERTa network, as HuggingFace's config.json states it.
 *
 * @param json the file's text, kept so that a model is written with the configuration it was read with
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

    private static final ObjectMapper JSON = new ObjectMapper();

    /**
     * Reads a config.json.
     *
     * @throws UserError if the file is missing, is not JSON, or describes a network that is not a RoBERTa
     */
    public static RobertaConfig read(Path file) {
        try {
            String text = Files.readString(file);
            JsonNode json = JSON.readTree(text);
            require(file, json, "model_type", "roberta");
            require(file, json, "hidden_act", "gelu");
            if (json.hasNonNull("position_embedding_type")) {
                require(file, json, "position_embedding_type", "absolute");
            }
            Function<String, Integer> number = key -> (int) number(file, json, key);
            RobertaConfig config = new RobertaConfig(
                    number.apply("vocab_size"),
                    number.apply("hidden_size"),
                    number.apply("num_hidden_layers"),
                    number.apply("num_attention_heads"),
                    number.apply("intermediate_size"),
                    number.apply("max_position_embeddings"),
                    json.path("type_vocab_size").asInt(1),
                    json.path("pad_token_id").asInt(1),
                    json.path("layer_norm_eps").asDouble(1e-5),
                    json.path("hidden_dropout_prob").asDouble(0.1),
                    json.path("attention_probs_dropout_prob").asDouble(0.1),
                    json.path("initializer_range").asDouble(0.02),
                    text);
            if (config.hiddenSize % config.heads != 0) {
                throw new UserError(file + ": hidden_size " + config.hiddenSize + " is not a multiple of"
                        + " num_attention_heads " + config.heads);
            }
            return config;
        } catch (JsonProcessingException e) {
            throw new UserError(file + " is not JSON: " + e.getOriginalMessage(), e);
        } catch (IOException e) {
            throw new UserError(file + " cannot be read; a model folder needs a config.json", e);
        }
    }

    private static void require(Path file, JsonNode json, String key, String value) {
        if (!value.equals(json.path(key).asText())) {
            throw new UserError(file + ": " + key + " is " + json.path(key) + "; only \"" + value
                    + "\" is supported: choose a RoBERTa checkpoint");
        }
    }

    private static double number(Path file, JsonNode json, String key) {
        if (!json.path(key).isNumber() || json.path(key).asDouble() < 1) {
            throw new UserError(file + ": " + key + " is " + json.path(key) + " where a positive number is needed");
        }
        return json.path(key).asDouble();
    }

    /** The config.json for a question answering model of this shape: the text as read, but for its architecture. */
    public String questionAnsweringJson() {
        try {
            ObjectNode tree = (ObjectNode) JSON.readTree(json);
            String architecture = "RobertaForQuestionAnswering";
            if (tree.path("architectures").path(0).asText().equals(architecture)) {
                return json;
            }
            tree.putArray("architectures").add(architecture);
            return JSON.writerWithDefaultPrettyPrinter().writeValueAsString(tree) + "\n";
        } catch (JsonProcessingException e) {
            throw new IllegalStateException(e);
        }
    }

    /** Longest window in tokens: positions are numbered from the padding id + 1. */
    public int longestWindow() {
        return maxPositions - padTokenId - 1;
    }

    /** The checkpoint's tensor names and shapes, in the order in which the network takes its parameters. */
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

    /** What the names of a layer's tensors begin with. */
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
