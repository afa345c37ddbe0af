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

/** RoBERTa's tokenizer: text to token ids and code-point offsets. Threads may share it. */
public final class PairTokenizer implements AutoCloseable {
    /** Nothing added, nothing cut, whatever the file says: windows are made here. */
    private static final Map<String, String> AS_IT_IS =
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
     * Reads a {@code tokenizer.json}.
     *
     * @param fileOrFolder the file, or the folder that holds it or else {@code vocab.json} and {@code merges.txt}
     * @throws UserError if there is no tokenizer, or none of RoBERTa's kind
     */
    public static PairTokenizer open(Path fileOrFolder) {
        return of(TokenizerJson.read(fileOrFolder), fileOrFolder.toString());
    }

    /** The tokenizer in the bytes of a tokenizer.json; {@code source} names it in errors. */
    public static PairTokenizer of(byte[] json, String source) {
        try {
            Vocabulary vocabulary = Vocabulary.of(new ObjectMapper().readTree(json), source);
            return new PairTokenizer(
                    HuggingFaceTokenizer.newInstance(new ByteArrayInputStream(json), AS_IT_IS),
                    TokenizerJson.sha256(json),
                    vocabulary);
        } catch (UserError e) {
            throw e;
        } catch (IOException | RuntimeException e) {
            throw new UserError(
                    "%s: not a tokenizer that the tokenizers library understands: %s; give a folder with a tokenizer.json as model.tokenizer"
                            .formatted(source, e.getMessage()),
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
        return vocabulary.bos();
    }

    /** Id of {@code </s>}. */
    public int eos() {
        return vocabulary.eos();
    }

    /** Id of {@code <pad>}. */
    public int pad() {
        return vocabulary.pad();
    }

    /** Number of rows that an embedding needs: the highest id and one. */
    public int vocabularySize() {
        return vocabulary.size();
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

    /** What of a tokenizer.json's ids is asked for: special tokens, and the highest of all and one. */
    private record Vocabulary(int bos, int eos, int pad, int size) {
        public static Vocabulary of(JsonNode json, String source) {
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
                        "%s: has no token %s, so it is not RoBERTa's kind of tokenizer; give a RoBERTa model's folder as model.tokenizer"
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
