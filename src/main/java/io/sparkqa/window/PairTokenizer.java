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
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;

/** RoBERTa's tokenizer: turns text into token ids and code-point offsets. Thread-safe. */
public final class PairTokenizer implements AutoCloseable {
    /** Turns off the file's special tokens, truncation and padding, which {@link Windower} handles. */
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
     * @throws UserError if there is no tokenizer, or it is not a RoBERTa tokenizer
     */
    public static PairTokenizer open(Path fileOrFolder) {
        return of(TokenizerJson.read(fileOrFolder), TokenizerJson.source(fileOrFolder));
    }

    /** Opens the tokenizer in the bytes of a tokenizer.json; {@code source} names it in error messages. */
    public static PairTokenizer of(byte[] json, String source) {
        try {
            JsonNode tree = new ObjectMapper().readTree(json);
            Vocabulary vocabulary = Vocabulary.of(tree, source);
            return new PairTokenizer(
                    HuggingFaceTokenizer.newInstance(new ByteArrayInputStream(forLibrary(tree)), TOKENS_ONLY),
                    TokenizerJson.sha256(json),
                    vocabulary);
        } catch (UserError e) {
            throw e;
        } catch (IOException | RuntimeException e) {
            throw new UserError(
                    "%s: the tokenizers library can't read this tokenizer: %s; set model.tokenizer to a folder with a valid tokenizer.json"
                            .formatted(source, Printable.of(String.valueOf(e.getMessage()))),
                    e);
        }
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

    /** Returns the error for a tokenizer without one of RoBERTa's special tokens. */
    static UserError withoutToken(String token, String source) {
        return new UserError(
                "%s: has no token %s, so it is not a RoBERTa tokenizer; set model.tokenizer to the folder of a RoBERTa model"
                        .formatted(source, token));
    }

    /** The ids of the special tokens, and the highest id plus one. */
    private record Vocabulary(int bos, int eos, int pad, int size) {
        /** Highest id. The embeddings of more ids would not fit into memory. */
        private static final int MAX_ID = 10_000_000;

        static Vocabulary of(JsonNode json, String source) {
            Map<String, Integer> added = added(json, source);
            int size = -1;
            for (Map.Entry<String, JsonNode> token :
                    json.path("model").path("vocab").properties()) {
                size = Math.max(size, id(token.getValue(), token.getKey(), source));
            }
            for (int id : added.values()) {
                size = Math.max(size, id);
            }
            return new Vocabulary(
                    id(json, added, "<s>", source),
                    id(json, added, "</s>", source),
                    id(json, added, "<pad>", source),
                    size + 1);
        }

        private static int id(JsonNode json, Map<String, Integer> added, String token, String source) {
            JsonNode id = json.path("model").path("vocab").path(token);
            if (!id.isInt() && !added.containsKey(token)) {
                throw withoutToken(token, source);
            }
            return added.getOrDefault(token, id.asInt());
        }

        /** Returns the ids of the added tokens. */
        private static Map<String, Integer> added(JsonNode json, String source) {
            Map<String, Integer> added = new HashMap<>();
            TokenIds ids = new TokenIds(json);
            for (JsonNode token : json.path("added_tokens")) {
                String content = token.path("content").asText();
                if (content.isEmpty() || content.length() > TokenIds.MAX_LENGTH) {
                    throw new UserError(String.format(
                            Locale.ROOT,
                            "%s: an added token has %s characters; it must have 1 to %,d; set model.tokenizer to another folder",
                            source,
                            content.length(),
                            TokenIds.MAX_LENGTH));
                }
                int id = id(token.path("id"), content, source);
                if (ids.add(content) != id) {
                    throw TokenIds.otherId(source, content, id, ids.add(content));
                }
                added.put(content, id);
            }
            return added;
        }

        private static int id(JsonNode id, String token, String source) {
            if (!id.isInt() || id.intValue() < 0 || id.intValue() > MAX_ID) {
                throw new UserError(String.format(
                        Locale.ROOT,
                        "%s: the id of the token \"%s\" is %s, but ids are whole numbers from 0 to %,d; set model.tokenizer to another folder",
                        source,
                        Printable.of(token),
                        Printable.of(id.toString()),
                        MAX_ID));
            }
            return id.intValue();
        }
    }
}
