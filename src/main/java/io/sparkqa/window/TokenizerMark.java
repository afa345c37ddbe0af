package io.sparkqa.window;

import io.sparkqa.arrow.MappedArrowFile;
import io.sparkqa.config.UserError;
import java.nio.file.Path;
import java.util.Map;

/** Marks the files of a table of windows with the digest of their tokenizer, and checks the mark. */
public final class TokenizerMark {
    private static final String KEY = "tokenizer_sha256";

    private TokenizerMark() {}

    /** Returns the options with which the format {@code arrow} writes the mark of a tokenizer. */
    public static Map<String, String> options(Path tokenizer) {
        return Map.of("metadata." + KEY, TokenizerJson.sha256(TokenizerJson.read(tokenizer)));
    }

    /**
     * Checks that windows were made with a model's tokenizer, since the ids of another tokenizer mean other tokens.
     *
     * @param windows the table's folder
     * @param tokenizer the folder of the model or tokenizer, or a tokenizer.json
     * @throws UserError if they were made with another tokenizer
     */
    public static void check(Path windows, Path tokenizer) {
        String digest = TokenizerJson.sha256(TokenizerJson.read(tokenizer));
        for (Path file : MappedWindows.files(windows)) {
            if (!digest.equals(MappedArrowFile.schema(file).getCustomMetadata().get(KEY))) {
                throw new UserError(
                        "%s: the windows were made with a tokenizer other than that of %s; run jobs/preprocess.sh again with model.tokenizer=%s, or use the model that the windows were made for"
                                .formatted(file, tokenizer, tokenizer));
            }
        }
    }
}
