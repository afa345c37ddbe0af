package io.sparkqa.window;

import com.fasterxml.jackson.databind.JsonNode;
import io.sparkqa.config.Printable;
import io.sparkqa.config.UserError;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Stream;

/**
 * What windows need of a tokenizer's vocabulary.
 *
 * @param special the special tokens of a window
 * @param pad id of padding
 * @param size number of rows that an embedding needs: the highest id plus one
 */
record Vocabulary(SpecialTokens special, int pad, int size) {
    /** Highest id. The embeddings of more ids would not fit into memory. */
    private static final int MAX_ID = 10_000_000;

    /** Names of padding, RoBERTa's and BERT's. */
    private static final List<String> PADS = List.of("<pad>", "[PAD]");

    /** Reads a tokenizer.json; {@code source} names it in error messages. */
    static Vocabulary of(JsonNode tokenizer, String source) {
        JsonNode pieces = tokenizer.path("model").path("vocab");
        int highest = pieces.isArray() ? pieces.size() - 1 : -1;
        for (int i = 0; pieces.isArray() && i < pieces.size(); i++) {
            requireShort("a piece of the vocabulary", pieces.get(i).path(0).asText(), 0, source);
        }
        for (Map.Entry<String, JsonNode> token : pieces.properties()) {
            highest = Math.max(highest, id(token.getValue(), token.getKey(), source));
        }
        TokenIds ids = new TokenIds(tokenizer);
        for (JsonNode token : tokenizer.path("added_tokens")) {
            highest = Math.max(highest, added(token, ids, source));
        }
        return new Vocabulary(
                SpecialTokens.of(tokenizer, token -> required(ids, token, source), highest + 1, source),
                required(ids, pad(tokenizer, ids), source),
                highest + 1);
    }

    private static int required(TokenIds ids, String token, String source) {
        return ids.of(token).orElseThrow(() -> withoutToken(token, source));
    }

    private static String pad(JsonNode tokenizer, TokenIds ids) {
        String said = tokenizer.path("padding").path("pad_token").asText();
        return Stream.concat(Stream.of(said), PADS.stream())
                .filter(pad -> ids.of(pad).isPresent())
                .findFirst()
                .orElse(PADS.get(0));
    }

    /** Returns the id of an added token. */
    private static int added(JsonNode token, TokenIds ids, String source) {
        String content = token.path("content").asText();
        requireShort("an added token", content, 1, source);
        int id = id(token.path("id"), content, source);
        if (ids.add(content) != id) {
            throw TokenIds.otherId(source, content, id, ids.add(content));
        }
        return id;
    }

    private static void requireShort(String what, String text, int least, String source) {
        if (text.length() < least || text.length() > TokenIds.MAX_LENGTH) {
            throw new UserError(String.format(
                    Locale.ROOT,
                    "%s: %s has %s characters; it must have %s to %,d; set model.tokenizer to another folder",
                    source,
                    what,
                    text.length(),
                    least,
                    TokenIds.MAX_LENGTH));
        }
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

    /** Returns the error for a tokenizer without one of RoBERTa's special tokens. */
    static UserError withoutToken(String token, String source) {
        return new UserError(
                "%s: has no token %s, so it is not a RoBERTa tokenizer; set model.tokenizer to the folder of a RoBERTa model"
                        .formatted(source, token));
    }
}
