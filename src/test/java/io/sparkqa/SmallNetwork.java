package io.sparkqa;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** A network of 7 million weights for the tokenizer of the demo's start model, to be drawn at random. */
public final class SmallNetwork {
    private static final String CONFIG =
            """
            {"architectures": ["RobertaForQuestionAnswering"], "model_type": "roberta", "vocab_size": 30522,
             "hidden_size": 192, "num_hidden_layers": 4, "num_attention_heads": 6, "intermediate_size": 768,
             "hidden_act": "gelu", "max_position_embeddings": 258, "type_vocab_size": 1, "pad_token_id": 0,
             "bos_token_id": 101, "eos_token_id": 102}
            """;

    private SmallNetwork() {}

    /** Writes the network's config.json and returns the file. */
    public static Path writeConfig(Path file) {
        try {
            return Files.writeString(file, CONFIG);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
