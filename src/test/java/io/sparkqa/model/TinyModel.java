package io.sparkqa.model;

import io.sparkqa.window.TinyTokenizer;
import io.sparkqa.window.TokenizerJson;
import io.sparkqa.window.TokenizerKind;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** A model folder of a few thousand random parameters and a byte-level tokenizer; it is untrained. */
public final class TinyModel {
    /** The length of its longest window in tokens. */
    public static final int LONGEST_WINDOW = 64;

    private TinyModel() {}

    /** Writes the folder, and returns it. */
    public static Path write(Path folder) throws IOException {
        Path tokenizer = TinyTokenizer.write(folder.resolveSibling(folder.getFileName() + "-tokenizer"));
        write(folder, "roberta", TinyTokenizer.VOCABULARY, tokenizer);
        Files.write(folder.resolve("tokenizer.json"), TokenizerJson.read(tokenizer));
        return folder;
    }

    /** Writes a folder with a tokenizer of that kind, and returns it. */
    public static Path write(Path folder, TokenizerKind kind) throws IOException {
        Path tokenizer = folder.resolveSibling(folder.getFileName() + "-tokenizer");
        return write(folder, kind.modelType(), kind.write(tokenizer), tokenizer);
    }

    private static Path write(Path folder, String type, int vocabulary, Path tokenizer) throws IOException {
        RobertaConfig config = TinyNetwork.config(TinyNetwork.JSON
                .replace("\"roberta\"", "\"" + type + "\"")
                .replace("\"vocab_size\": 60", "\"vocab_size\": " + vocabulary)
                .replace(
                        "\"max_position_embeddings\": 40",
                        "\"max_position_embeddings\": " + (LONGEST_WINDOW + config().padTokenId() + 1)));
        ModelFolder.write(folder, config, ModelFolder.random(config, 3).tensors(), tokenizer);
        return folder;
    }

    private static RobertaConfig config() {
        return TinyNetwork.config();
    }
}
