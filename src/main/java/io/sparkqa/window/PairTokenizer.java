package io.sparkqa.window;

import ai.djl.huggingface.tokenizers.Encoding;
import ai.djl.huggingface.tokenizers.HuggingFaceTokenizer;
import ai.djl.huggingface.tokenizers.jni.CharSpan;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.sparkqa.config.UserError;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.Map;

/** RoBERTa's tokenizer: text to token ids and code-point offsets. Not for several threads at once. */
public final class PairTokenizer implements AutoCloseable {
    private final HuggingFaceTokenizer tokenizer;
    private final String sha256;
    private final int bos;
    private final int eos;
    private final int pad;
    private final int vocabularySize;

    private PairTokenizer(HuggingFaceTokenizer tokenizer, String sha256, Vocabulary vocabulary) {
        this.tokenizer = tokenizer;
        this.sha256 = sha256;
        this.bos = vocabulary.id("<s>");
        this.eos = vocabulary.id("</s>");
        this.pad = vocabulary.id("<pad>");
        this.vocabularySize = vocabulary.size();
    }

    /**
     * Reads a {@code tokenizer.json}.
     *
     * @param fileOrFolder the file, or the folder that holds it or else {@code vocab.json} and {@code merges.txt}
     * @throws UserError if there is no tokenizer, or none of RoBERTa's kind
     */
    public static PairTokenizer open(Path fileOrFolder) {
        byte[] json = TokenizerJson.read(fileOrFolder);
        try {
            Vocabulary vocabulary = new Vocabulary(fileOrFolder, new ObjectMapper().readTree(json));
            Map<String, String> plain = Map.of("addSpecialTokens", "false", "truncation", "false", "padding", "false");
            HuggingFaceTokenizer tokenizer = HuggingFaceTokenizer.newInstance(new ByteArrayInputStream(json), plain);
            return new PairTokenizer(tokenizer, hex(json), vocabulary);
        } catch (IOException | RuntimeException e) {
            if (e instanceof UserError) {
                throw (UserError) e;
            }
            throw new UserError(
                    "%s: not a tokenizer that the tokenizers library understands: %s; give a folder with a tokenizer.json as model.tokenizer"
                            .formatted(fileOrFolder, e.getMessage()),
                    e);
        }
    }

    /** The ids and offsets of a text; special tokens are not added, but recognised where the text spells them out. */
    public Tokens encode(String text) {
        Encoding encoding = tokenizer.encode(wellFormed(text), false, false);
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

    /** Id of {@code <s>}. */
    public int bos() {
        return bos;
    }

    /** Id of {@code </s>}. */
    public int eos() {
        return eos;
    }

    /** Id of {@code <pad>}. */
    public int pad() {
        return pad;
    }

    /** Number of rows that an embedding needs: the highest id and one. */
    public int vocabularySize() {
        return vocabularySize;
    }

    /** Digest of the tokenizer.json, hexadecimal: windows made with one tokenizer are no good to the model of another. */
    public String sha256() {
        return sha256;
    }

    @Override
    public void close() {
        tokenizer.close();
    }

    /** Half of a surrogate pair is no character and can't leave Java as UTF-8: U+FFFD, also one code point, replaces it. */
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

    private static String hex(byte[] bytes) {
        try {
            return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("Every Java has SHA-256", e);
        }
    }

    /** The ids that a tokenizer.json gives to its tokens. */
    private record Vocabulary(Path source, JsonNode json) {
        int id(String token) {
            for (JsonNode added : json.path("added_tokens")) {
                if (added.path("content").asText().equals(token)) {
                    return added.path("id").asInt();
                }
            }
            JsonNode id = json.path("model").path("vocab").path(token);
            if (!id.isInt()) {
                throw new UserError(
                        "%s: has no token %s, so it is not RoBERTa's kind of tokenizer; give a RoBERTa model's folder as model.tokenizer"
                                .formatted(source, token));
            }
            return id.asInt();
        }

        int size() {
            int highest = -1;
            for (JsonNode id : json.path("model").path("vocab")) {
                highest = Math.max(highest, id.asInt());
            }
            for (JsonNode added : json.path("added_tokens")) {
                highest = Math.max(highest, added.path("id").asInt());
            }
            return highest + 1;
        }
    }
}
