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
import java.util.Map;

/** RoBERTa's tokenizer: turns text into token ids and code-point offsets. Thread-safe. */
public final class PairTokenizer implements AutoCloseable {
    /** Overrides what the file says about special tokens, truncation and padding, which {@link Windower} takes care of. */
    private static final Map<String, String> TOKENS_ONLY =
            Map.of("addSpecialTokens", "false", "truncation", "false", "padding", "false");

    private final HuggingFaceTokenizer tokenizer;
    private final String sha256;
    private final Vocabulary vocabulary;

    private PairTokenizer(HuggingFaceTokenizer tokenizer, String sha256, Vocabulary vocabulary) {
        this.tokenizer = tokenizer;
        this.sha256 = sha256;
        this.vocabulary = vocabulary;
    }

    /**
     * Opens a tokenizer.
     *
     * @param fileOrFolder a {@code tokenizer.json}, or a folder that holds one or {@code vocab.json} and {@code merges.txt}
     * @throws UserError if there is no tokenizer, or none of RoBERTa's kind
     */
    public static PairTokenizer open(Path fileOrFolder) {
        return of(TokenizerJson.read(fileOrFolder), fileOrFolder.toString());
    }

    /** Opens the tokenizer in the bytes of a tokenizer.json; {@code source} names it in error messages. */
    public static PairTokenizer of(byte[] json, String source) {
        try {
            Vocabulary vocabulary = Vocabulary.of(new ObjectMapper().readTree(json), source);
            return new PairTokenizer(
                    HuggingFaceTokenizer.newInstance(new ByteArrayInputStream(json), TOKENS_ONLY),
                    TokenizerJson.sha256(json),
                    vocabulary);
        } catch (UserError e) {
            throw e;
        } catch (IOException | RuntimeException e) {
            throw new UserError(
                    "%s: the tokenizers library can't read this tokenizer: %s; set model.tokenizer to a folder with a valid tokenizer.json"
                            .formatted(source, e.getMessage()),
                    e);
        }
    }

    /** Returns the ids and offsets of a text. Adds no special tokens, but recognises those that the text contains. */
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

    /** Returns the id of {@code <s>}. */
    public int bos() {
        return vocabulary.bos();
    }

    /** Returns the id of {@code </s>}. */
    public int eos() {
        return vocabulary.eos();
    }

    /** Returns the id of {@code <pad>}. */
    public int pad() {
        return vocabulary.pad();
    }

    /** Returns the number of rows that an embedding needs: the highest id plus one. */
    public int vocabularySize() {
        return vocabulary.size();
    }

    /** Returns the hexadecimal digest of the tokenizer.json, which windows are marked with. */
    public String sha256() {
        return sha256;
    }

    @Override
    public void close() {
        tokenizer.close();
    }

    /** Replaces unpaired surrogates, which UTF-8 can't represent, by U+FFFD, which is one code point too. */
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

    /** The ids of the special tokens, and the highest id plus one. */
    private record Vocabulary(int bos, int eos, int pad, int size) {
        static Vocabulary of(JsonNode json, String source) {
            return new Vocabulary(
                    id(json, "<s>", source), id(json, "</s>", source), id(json, "<pad>", source), size(json));
        }

        private static int id(JsonNode json, String token, String source) {
            for (JsonNode added : json.path("added_tokens")) {
                if (added.path("content").asText().equals(token)) {
                    return added.path("id").asInt();
                }
            }
            JsonNode id = json.path("model").path("vocab").path(token);
            if (!id.isInt()) {
                throw new UserError(
                        "%s: has no token %s, so it is not a tokenizer of RoBERTa's kind; set model.tokenizer to the folder of a RoBERTa model"
                                .formatted(source, token));
            }
            return id.asInt();
        }

        private static int size(JsonNode json) {
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
