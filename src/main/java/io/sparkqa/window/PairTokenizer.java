package io.sparkqa.window;

import ai.djl.huggingface.tokenizers.Encoding;
import ai.djl.huggingface.tokenizers.HuggingFaceTokenizer;
import ai.djl.huggingface.tokenizers.jni.CharSpan;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.sparkqa.config.Printable;
import io.sparkqa.config.UserError;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;

/**
 * A tokenizer of HuggingFace's tokenizers library, such as byte-level BPE, Unigram or WordPiece: turns text into token ids
 * and code-point offsets. Thread-safe.
 */
public final class PairTokenizer implements AutoCloseable {
    /** Turns off the file's special tokens, truncation and padding, which {@link Windower} handles. */
    private static final Map<String, String> TOKENS_ONLY =
            Map.of("addSpecialTokens", "false", "truncation", "false", "padding", "false");

    /** A character of no vocabulary; some tokenizers can't encode any. */
    private static final String UNKNOWN = Character.toString(Character.MAX_CODE_POINT);

    private final HuggingFaceTokenizer tokenizer;
    private final String source;
    private final String sha256;
    private final Vocabulary vocabulary;

    private PairTokenizer(HuggingFaceTokenizer tokenizer, String source, String sha256, Vocabulary vocabulary) {
        this.tokenizer = tokenizer;
        this.source = source;
        this.sha256 = sha256;
        this.vocabulary = vocabulary;
    }

    /**
     * Opens a tokenizer.
     *
     * @param fileOrFolder a {@code tokenizer.json}, or a folder that holds one or {@code vocab.json} and {@code merges.txt}
     * @throws UserError if there is no tokenizer, or it can't be used
     */
    public static PairTokenizer open(Path fileOrFolder) {
        return of(TokenizerJson.read(fileOrFolder), TokenizerJson.source(fileOrFolder));
    }

    /** Opens the tokenizer in the bytes of a tokenizer.json; {@code source} names it in error messages. */
    public static PairTokenizer of(byte[] json, String source) {
        try {
            JsonNode tree = new ObjectMapper().readTree(json);
            Vocabulary vocabulary = Vocabulary.of(tree, source);
            PairTokenizer opened = new PairTokenizer(
                    HuggingFaceTokenizer.newInstance(new ByteArrayInputStream(forLibrary(tree)), TOKENS_ONLY),
                    source,
                    TokenizerJson.sha256(json),
                    vocabulary);
            opened.encode(UNKNOWN);
            return opened;
        } catch (UserError e) {
            throw e;
        } catch (IOException | RuntimeException e) {
            throw unusable(source, "read", e);
        }
    }

    private static UserError unusable(String source, String task, Exception reason) {
        return new UserError(
                "%s: the tokenizers library can't %s this tokenizer: %s; set model.tokenizer to a folder with a valid tokenizer.json"
                        .formatted(source, task, Printable.of(String.valueOf(reason.getMessage()))),
                reason);
    }

    /**
     * Returns the tokenizer's JSON for the library, without the decoder. Encoding does not need it, and the library ends the
     * process if it can't parse it.
     */
    private static byte[] forLibrary(JsonNode tokenizer) throws IOException {
        if (tokenizer instanceof ObjectNode object && object.has("decoder")) {
            object.putNull("decoder");
        }
        return new ObjectMapper().writeValueAsBytes(tokenizer);
    }

    /**
     * Returns the ids and offsets of a text. Adds no special tokens, but recognises those that the text contains.
     *
     * @throws UserError if the tokenizer has no token for a part of the text, not even one for unknown text
     */
    public Tokens encode(String text) {
        Encoding encoding = encoding(wellFormed(text));
        long[] longs = encoding.getIds();
        CharSpan[] spans = encoding.getCharTokenSpans();
        int[] ids = new int[longs.length];
        int[] starts = new int[longs.length];
        int[] ends = new int[longs.length];
        for (int i = 0; i < longs.length; i++) {
            ids[i] = (int) longs[i];
            starts[i] = spans[i].getStart();
            ends[i] = spans[i].getEnd();
        }
        return new Tokens(ids, starts, ends);
    }

    private Encoding encoding(String text) {
        try {
            return tokenizer.encode(text, false, false);
        } catch (RuntimeException e) {
            throw unusable(source, "encode a text with", e);
        }
    }

    /** Returns the special tokens of a window. */
    SpecialTokens special() {
        return vocabulary.special();
    }

    /** Returns the id of padding. */
    public int pad() {
        return vocabulary.pad();
    }

    /** Returns the number of rows that an embedding needs: the highest id plus one. */
    public int vocabularySize() {
        return vocabulary.size();
    }

    /** Returns the hexadecimal digest of the tokenizer.json, with which windows are marked. */
    public String sha256() {
        return sha256;
    }

    @Override
    public void close() {
        tokenizer.close();
    }

    /** Replaces unpaired surrogates, which UTF-8 can't represent, with U+FFFD, so that the number of code points is the same. */
    private static String wellFormed(String text) {
        StringBuilder repaired = null;
        for (int i = 0; i < text.length(); i++) {
            if (Character.isSurrogate(text.charAt(i))) {
                if (Character.charCount(text.codePointAt(i)) == 2) {
                    i++;
                } else {
                    repaired = repaired == null ? new StringBuilder(text) : repaired;
                    repaired.setCharAt(i, '\uFFFD');
                }
            }
        }
        return repaired == null ? text : repaired.toString();
    }
}
