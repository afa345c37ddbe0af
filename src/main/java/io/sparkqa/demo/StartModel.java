package io.sparkqa.demo;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.sparkqa.files.WholeFolder;
import io.sparkqa.model.RobertaConfig;
import io.sparkqa.model.Safetensors;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Makes the demo's start model, a HuggingFace folder of RoBERTa's architecture, of all-MiniLM-L6-v2: a BERT of 6 layers of
 * 384 values, in ONNX. RoBERTa is the same network but for three things: positions are counted from the padding id + 1, so
 * that their rows move by one; all tokens are of one type, so that the first type's row stays; and special tokens have other
 * names. The head for question answering is missing: training draws it at random.
 *
 * <p>The build runs this.
 */
public final class StartModel {
    private static final String ONNX = "all-minilm-l6-v2.onnx";
    private static final String TOKENIZER = "all-minilm-l6-v2-tokenizer.json";
    private static final String ENCODER = "roberta.";

    private static final String CONFIG =
            """
            {
              "architectures": ["RobertaModel"],
              "model_type": "roberta",
              "vocab_size": 30522,
              "hidden_size": 384,
              "num_hidden_layers": 6,
              "num_attention_heads": 12,
              "intermediate_size": 1536,
              "max_position_embeddings": 513,
              "type_vocab_size": 1,
              "pad_token_id": 0,
              "bos_token_id": 101,
              "eos_token_id": 102,
              "layer_norm_eps": 1e-12,
              "hidden_act": "gelu",
              "hidden_dropout_prob": 0.1,
              "attention_probs_dropout_prob": 0.1,
              "initializer_range": 0.02
            }
            """;

    private StartModel() {}

    /** Converts the first folder's files to the second one, unless that is there. */
    public static void main(String[] arguments) throws IOException {
        convert(Path.of(arguments[0]), Path.of(arguments[1]));
    }

    /**
     * Writes the model's folder, whole or not at all; leaves one that is there as it is.
     *
     * @param source folder that holds the ONNX file and its tokenizer.json
     * @throws io.sparkqa.config.UserError if the ONNX file cannot be read or lacks a weight
     */
    static void convert(Path source, Path folder) throws IOException {
        if (Files.exists(folder)) {
            return;
        }
        WholeFolder.write(folder, staging -> {
            Path config = Files.writeString(staging.resolve("config.json"), CONFIG);
            Files.writeString(staging.resolve("tokenizer.json"), tokenizer(source.resolve(TOKENIZER)));
            Safetensors.write(
                    staging.resolve("model.safetensors"),
                    weights(OnnxWeights.read(source.resolve(ONNX)), RobertaConfig.read(config)));
        });
    }

    private static Map<String, Safetensors.Tensor> weights(OnnxWeights onnx, RobertaConfig config) {
        Map<String, Safetensors.Tensor> tensors = new LinkedHashMap<>();
        config.tensors().forEach((name, shape) -> {
            if (name.startsWith(ENCODER)) {
                String bert = name.substring(ENCODER.length());
                int size = Math.toIntExact(Arrays.stream(shape).reduce(1, Math::multiplyExact));
                ByteBuffer bytes = ByteBuffer.allocate(size * Float.BYTES).order(ByteOrder.LITTLE_ENDIAN);
                FloatBuffer floats = bytes.asFloatBuffer();
                switch (bert) {
                    case "embeddings.position_embeddings.weight" -> floats.position(
                                    (config.padTokenId() + 1) * config.hiddenSize())
                            .put(onnx.initializer(bert).values());
                    case "embeddings.token_type_embeddings.weight" -> floats.put(
                            onnx.initializer(bert).values().slice(0, size));
                    default -> floats.put(
                            isMatrix(bert)
                                    ? onnx.weightOf(product(bert)).transposed()
                                    : onnx.initializer(bert).values());
                }
                tensors.put(name, new Safetensors.Bytes("F32", shape, bytes));
            }
        });
        return tensors;
    }

    private static boolean isMatrix(String name) {
        return name.startsWith("encoder.") && name.endsWith(".weight") && !name.contains("LayerNorm");
    }

    /** The node that multiplies by a matrix: encoder.layer.0.output.dense.weight is that of /encoder/layer.0/output/dense/MatMul. */
    private static String product(String matrix) {
        return "/" + matrix.replaceFirst("weight$", "MatMul").replace('.', '/').replace("layer/", "layer.");
    }

    /** The tokenizer with RoBERTa's names and places for special tokens, and nothing cut or padded. */
    private static String tokenizer(Path file) throws IOException {
        String json = Files.readString(file)
                .replace("\"[CLS]\"", "\"<s>\"")
                .replace("\"[SEP]\"", "\"</s>\"")
                .replace("\"[PAD]\"", "\"<pad>\"");
        ObjectMapper mapper = new ObjectMapper();
        ObjectNode tokenizer = (ObjectNode) mapper.readTree(json);
        tokenizer.putNull("truncation");
        tokenizer.putNull("padding");
        // as in RoBERTa, two tokens between a question and its context
        ArrayNode pair = (ArrayNode) tokenizer.path("post_processor").path("pair");
        pair.insert(3, pair.get(2).deepCopy());
        return mapper.writeValueAsString(tokenizer);
    }
}
