package io.sparkqa.spark;

import io.sparkqa.model.ModelFolder;
import io.sparkqa.torch.NativeScratch;
import io.sparkqa.window.PairTokenizer;
import io.sparkqa.window.TokenizerJson;
import java.io.Serializable;
import java.nio.file.Path;

/** A tokenizer that Spark sends to each executor once and that is opened there once. */
final class SharedTokenizer implements Serializable {
    private static final long serialVersionUID = 1L;

    private final String source;
    private final byte[] json;
    private transient PairTokenizer opened;

    private SharedTokenizer(String source, byte[] json) {
        this.source = source;
        this.json = json;
    }

    static SharedTokenizer read(Path fileOrFolder) {
        return new SharedTokenizer(TokenizerJson.source(fileOrFolder), TokenizerJson.read(fileOrFolder));
    }

    /**
     * Reads the tokenizer of a model folder.
     *
     * @param stage its name, for messages
     * @throws IllegalArgumentException if it has more tokens than the network has embeddings for
     */
    static SharedTokenizer ofModel(String stage, Path folder) {
        SharedTokenizer tokenizer = read(folder);
        int tokens = tokenizer.open().vocabularySize();
        int embeddings = ModelFolder.config(folder).vocabSize();
        if (tokens > embeddings) {
            throw new IllegalArgumentException(
                    "%s: the tokenizer of %s has %s tokens, but the network has embeddings for %s; put the model's own tokenizer there"
                            .formatted(stage, folder, tokens, embeddings));
        }
        return tokenizer;
    }

    String sha256() {
        return TokenizerJson.sha256(json);
    }

    synchronized PairTokenizer open() {
        if (opened == null) {
            NativeScratch.choose();
            opened = PairTokenizer.of(json, source);
        }
        return opened;
    }
}
