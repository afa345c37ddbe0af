package io.sparkqa.spark;

import io.sparkqa.model.RobertaConfig;
import io.sparkqa.window.TokenizerJson;
import io.sparkqa.window.WindowColumns;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.stream.Stream;
import org.apache.spark.sql.types.Metadata;
import org.apache.spark.sql.types.MetadataBuilder;
import org.apache.spark.sql.types.StructField;
import org.apache.spark.sql.types.StructType;

/** Stores how a table of windows was made as metadata of its column of token ids, so that unfit models are refused early. */
final class WindowMetadata {
    private static final String MAX_LENGTH = "max_length";
    private static final String TOKENIZER = "tokenizer_sha256";

    private WindowMetadata() {}

    /** Returns the metadata of windows of at most {@code maxLength} tokens. */
    static Metadata of(int maxLength, String tokenizerDigest) {
        return new MetadataBuilder()
                .putLong(MAX_LENGTH, maxLength)
                .putString(TOKENIZER, tokenizerDigest)
                .build();
    }

    /** Returns a schema of windows with metadata. */
    static StructType addTo(StructType windows, Metadata metadata) {
        return new StructType(Arrays.stream(windows.fields())
                .map(column -> column.name().equals(WindowColumns.INPUT_IDS)
                        ? new StructField(column.name(), column.dataType(), column.nullable(), metadata)
                        : column)
                .toArray(StructField[]::new));
    }

    /**
     * Checks that windows fit a model, as far as their table has metadata.
     *
     * @throws IllegalArgumentException if windows may be longer than the model has positions, or were made with a tokenizer
     *     other than the one in the model's folder
     */
    static void check(String stage, StructType windows, Path modelFolder) {
        int longest = RobertaConfig.read(modelFolder.resolve("config.json")).longestWindow();
        Metadata metadata = windows.apply(WindowColumns.INPUT_IDS).metadata();
        if (metadata.contains(MAX_LENGTH) && metadata.getLong(MAX_LENGTH) > longest) {
            throw new IllegalArgumentException(
                    "%s: the windows were made with maxLength %s, but %s has positions for %s tokens; make them again with a lower maxLength"
                            .formatted(stage, metadata.getLong(MAX_LENGTH), modelFolder, longest));
        }
        boolean hasTokenizer =
                Stream.of("tokenizer.json", "vocab.json").anyMatch(file -> Files.exists(modelFolder.resolve(file)));
        if (metadata.contains(TOKENIZER)
                && hasTokenizer
                && !metadata.getString(TOKENIZER).equals(TokenizerJson.sha256(TokenizerJson.read(modelFolder)))) {
            throw new IllegalArgumentException(
                    "%s: the windows were made with a tokenizer other than that of %s; make them again with the model's own"
                            .formatted(stage, modelFolder));
        }
    }
}
