package io.sparkqa.window;

import com.fasterxml.jackson.databind.JsonNode;
import io.sparkqa.config.Printable;
import io.sparkqa.config.UserError;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/** Gives added tokens the ids that the tokenizers library gives them, regardless of the file's: the vocabulary's or the next. */
final class TokenIds {
    /**
     * Longest added token, and longest piece of a Unigram vocabulary, in characters. The library's time is quadratic in the
     * length of the first, and its stack is linear in that of the second.
     */
    static final int MAX_LENGTH = 1_000;

    private final Map<String, Integer> vocabulary = new HashMap<>();
    private final int size;
    private final Map<String, Integer> added = new HashMap<>();
    private int highest = -1;

    /** Starts with the added tokens of a tokenizer.json. */
    TokenIds(JsonNode tokenizer) {
        JsonNode model = tokenizer.path("model").path("vocab");
        this.size = model.size();
        for (Map.Entry<String, JsonNode> token : model.properties()) {
            vocabulary.put(token.getKey(), token.getValue().asInt());
        }
        // Unigram's vocabulary is a list of pieces with their scores
        for (int i = 0; model.isArray() && i < size; i++) {
            vocabulary.put(model.get(i).path(0).asText(), i);
        }
        for (JsonNode token : tokenizer.path("added_tokens")) {
            add(token.path("content").asText());
        }
    }

    /** Returns the id of a token that is added or in the vocabulary. */
    Optional<Integer> of(String token) {
        return Optional.ofNullable(added.getOrDefault(token, vocabulary.get(token)));
    }

    boolean isAdded(String token) {
        return added.containsKey(token);
    }

    /** Adds a token if it is new and returns its id. */
    int add(String token) {
        return added.computeIfAbsent(token, name -> {
            int next = Math.max(highest + 1, size);
            int id = vocabulary.getOrDefault(name, next);
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
