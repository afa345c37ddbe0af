package io.sparkqa.window;

import io.sparkqa.arrow.MappedArrowFile;
import io.sparkqa.config.UserError;
import java.nio.file.Path;
import java.util.Map;

/** The digest of the tokenizer that a stored table of windows was made with, in its files' metadata. */
public final class TokenizerMark {
    private static final String KEY = "tokenizer_sha256";

    private TokenizerMark() {}

    /** Options for the writer of a table whose windows are made with the tokenizer of a file or folder. */
    public static Map<String, String> options(Path tokenizer) {
        return Map.of("metadata." + KEY, TokenizerJson.sha256(TokenizerJson.read(tokenizer)));
    }

    /**
     * Makes sure that a table's windows were made with a model's tokenizer: the ids of another mean other words.
     *
     * @param windows folder of the table
     * @param tokenizer the model's folder, or where else its tokenizer lies
     * @throws UserError if it was another
     */
    public static void check(Path windows, Path tokenizer) {
        String digest = TokenizerJson.sha256(TokenizerJson.read(tokenizer));
        for (Path file : MappedWindows.files(windows)) {
            try (MappedArrowFile table = MappedArrowFile.open(file)) {
                if (!digest.equals(table.schema().getCustomMetadata().get(KEY))) {
                    throw new UserError(
                            "%s: its windows were made with another tokenizer than that of %s; run jobs/preprocess.sh again with model.tokenizer=%s, or use the model that they were made for"
                                    .formatted(file, tokenizer, tokenizer));
                }
            }
        }
    }
}
