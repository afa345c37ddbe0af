package io.sparkqa.spark;

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
