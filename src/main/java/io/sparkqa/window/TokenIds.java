package io.sparkqa.window;

import com.fasterxml.jackson.databind.JsonNode;
import io.sparkqa.config.Printable;
import io.sparkqa.config.UserError;
import java.util.HashMap;
import java.util.Map;

/** Gives added tokens the ids that the tokenizers library gives them, regardless of the file's: the vocabulary's or the next. */
final class TokenIds {
    /** Longest added token in characters; the library's time is quadratic in its length. */
    static final int MAX_LENGTH = 1_000;

    private final JsonNode vocabulary;
    private final Map<String, Integer> added = new HashMap<>();
    private int highest = -1;

    /** Starts with the added tokens of a tokenizer.json. */
    TokenIds(JsonNode tokenizer) {
        this.vocabulary = tokenizer.path("model").path("vocab");
        for (JsonNode token : tokenizer.path("added_tokens")) {
            add(token.path("content").asText());
        }
    }

    boolean isAdded(String token) {
        return added.containsKey(token);
    }

    /** Adds a token if it is new and returns its id. */
    int add(String token) {
        return added.computeIfAbsent(token, name -> {
            int next = Math.max(highest + 1, vocabulary.size());
            int id = vocabulary.path(name).asInt(next);
            highest = Math.max(highest, id);
            return id;
        });
    }

    static UserError otherId(String source, String token, int said, int given) {
        return new UserError(
                "%s: the token \"%s\" should have the id %s, but the tokenizers library gives it %s; ids of added tokens must follow the vocabulary without gaps"
                        .formatted(source, Printable.of(token), said, given));
    }
}
