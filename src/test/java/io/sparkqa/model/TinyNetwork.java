package io.sparkqa.model;

import ai.djl.Device;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** A network of a few thousand random parameters. */
public final class TinyNetwork {
    public static final String JSON =
            """
            {"architectures": ["RobertaForQuestionAnswering"], "model_type": "roberta", "hidden_act": "gelu",
             "vocab_size": 60, "hidden_size": 16, "num_hidden_layers": 2, "num_attention_heads": 2,
             "intermediate_size": 32, "max_position_embeddings": 40, "type_vocab_size": 1, "pad_token_id": 1,
             "layer_norm_eps": 1e-05, "initializer_range": 0.3}
            """;

    private TinyNetwork() {}

    public static RobertaConfig config() {
        return config(JSON);
    }

    public static RobertaConfig config(String json) {
        try {
            Path file = Files.createTempFile("config", ".json");
            Files.writeString(file, json);
            RobertaConfig config = RobertaConfig.read(file);
            Files.delete(file);
            return config;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    public static RobertaForQuestionAnswering open(Dropout dropout) {
        ModelFolder.Weights weights = ModelFolder.random(config(), 7);
        return new RobertaForQuestionAnswering(weights, Device.cpu(), dropout, false, false);
    }

    public static Dropout noDropout() {
        return Dropout.none(config());
    }
}
