package io.sparkqa.window;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.sparkqa.config.Printable;
import io.sparkqa.config.UserError;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;

/**
 * The settings of a folder's tokenizer in other files than tokenizer.json or vocab.json: white space and further tokens. The
 * rules are those of {@code from_pretrained} and {@code RobertaTokenizerFast} in HuggingFace's transformers 4.
 */
final class TokenizerSettings {
    static final String CONFIG = "tokenizer_config.json";
    private static final String ADDED = "added_tokens.json";
    static final String SPECIAL = "special_tokens_map.json";
    private static final String DECODER = "added_tokens_decoder";
    private static final String PREFIX = "add_prefix_space";
    private static final String TRIM = "trim_offsets";

    /** Keys of special tokens, in the order in which transformers adds them. */
    private static final List<String> SPECIAL_KEYS =
            List.of("bos_token", "eos_token", "unk_token", "sep_token", "pad_token", "cls_token", "mask_token");

    private static final String MORE_SPECIAL = "additional_special_tokens";

    private final Path folder;
    private final Optional<ObjectNode> config;

    private TokenizerSettings(Path folder) {
        this.folder = folder;
        this.config = read(CONFIG);
    }

    static TokenizerSettings of(Path folder) {
        return new TokenizerSettings(folder);
    }

    /**
     * Returns a tokenizer.json with these settings applied, or the same bytes if they change nothing.
     *
     * @throws UserError if a token can't have the id that the folder gives it
     */
    byte[] appliedTo(byte[] tokenizer, String source) {
        List<ObjectNode> tokens = tokens();
        if (config.isEmpty() && tokens.isEmpty()) {
            return tokenizer;
        }
        ObjectNode json = TokenizerJson.object(tokenizer, source);
        boolean changed = setWhiteSpace(json);
        changed |= addTokens(json, tokens);
        return changed ? TokenizerJson.bytes(json) : tokenizer;
    }

    private Optional<ObjectNode> read(String name) {
        Path file = folder.resolve(name);
        return Files.isRegularFile(file)
                ? Optional.of(TokenizerJson.object(TokenizerJson.bytes(file), file.toString()))
                : Optional.empty();
    }

    /** Applies the white-space settings of tokenizer_config.json, or their defaults, as RobertaTokenizerFast does. */
    private boolean setWhiteSpace(ObjectNode json) {
        if (config.isEmpty()) {
            return false;
        }
        boolean isRoberta =
                config.get().path("tokenizer_class").asText("Roberta").startsWith("Roberta")
                        && json.path("pre_tokenizer").path("type").asText().equals("ByteLevel");
        boolean changed = false;
        for (String part : List.of("pre_tokenizer", "post_processor")) {
            changed |= set(json.path(part), PREFIX, isRoberta, false);
        }
        changed |= set(json.path("post_processor"), TRIM, isRoberta, true);
        return changed;
    }

    private boolean set(JsonNode part, String key, boolean hasDefault, boolean otherwise) {
        JsonNode said = config.orElseThrow().path(key);
        if (!part.path(key).isBoolean() || !(said.isBoolean() || hasDefault)) {
            return false;
        }
        boolean value = said.asBoolean(otherwise);
        if (part.path(key).booleanValue() == value) {
            return false;
        }
        ((ObjectNode) part).put(key, value);
        return true;
    }

    /** Returns the tokens to add, in order and in the form of tokenizer.json, with an id if a file gives one. */
    private List<ObjectNode> tokens() {
        Optional<JsonNode> decoder = config.map(object -> object.path(DECODER)).filter(JsonNode::isObject);
        List<ObjectNode> special = special(decoder.isEmpty());
        List<ObjectNode> tokens = new ArrayList<>();
        if (decoder.isPresent()) {
            decoder.get()
                    .fields()
                    .forEachRemaining(token ->
                            tokens.add(token(token.getValue(), false, CONFIG).put("id", id(token.getKey(), CONFIG))));
        } else {
            Set<String> names = new HashSet<>();
            special.forEach(token -> names.add(token.path("content").asText()));
            read(ADDED).ifPresent(added -> added.fields()
                    .forEachRemaining(token -> tokens.add(token(
                                    JsonNodeFactory.instance.textNode(token.getKey()),
                                    names.contains(token.getKey()),
                                    ADDED)
                            .put("id", id(token.getValue().asText(), ADDED)))));
        }
        tokens.sort(Comparator.comparingInt(token -> token.path("id").intValue()));
        tokens.addAll(special);
        return tokens;
    }

    private List<ObjectNode> special(boolean readsMap) {
        ObjectNode all = config.map(ObjectNode::deepCopy).orElseGet(JsonNodeFactory.instance::objectNode);
        if (readsMap) {
            read(SPECIAL).ifPresent(all::setAll);
        }
        return Stream.concat(
                        SPECIAL_KEYS.stream().map(all::path),
                        all.path(MORE_SPECIAL).isArray()
                                ? Stream.iterate(
                                                0,
                                                i -> i < all.path(MORE_SPECIAL).size(),
                                                i -> i + 1)
                                        .map(all.path(MORE_SPECIAL)::get)
                                : Stream.empty())
                .filter(token -> token.isTextual() || token.isObject())
                .map(token -> token(token, true, CONFIG + " or " + SPECIAL))
                .toList();
    }

    /** Returns a token in the form of tokenizer.json, from its text or from an object with options. */
    private ObjectNode token(JsonNode token, boolean special, String file) {
        String content =
                token.isTextual() ? token.textValue() : token.path("content").asText("");
        boolean isText =
                content.codePoints().noneMatch(c -> Character.MIN_SURROGATE <= c && c <= Character.MAX_SURROGATE);
        if (!isText || content.isEmpty() || content.length() > TokenIds.MAX_LENGTH) {
            throw new UserError(
                    "%s: a token is %s instead of a text of up to 1,000 characters or an object with such content; fetch or copy the file again"
                            .formatted(folder.resolve(file), Printable.of(token.toString())));
        }
        boolean isSpecial = special || token.path("special").asBoolean(false);
        return JsonNodeFactory.instance
                .objectNode()
                .put("content", content)
                .put("single_word", token.path("single_word").asBoolean(false))
                .put("lstrip", token.path("lstrip").asBoolean(false))
                .put("rstrip", token.path("rstrip").asBoolean(false))
                .put("normalized", token.path("normalized").asBoolean(!isSpecial))
                .put("special", isSpecial);
    }

    private int id(String text, String file) {
        if (!text.matches("\\d{1,9}")) {
            throw new UserError("%s: \"%s\" is not a token's id; fetch or copy the file again"
                    .formatted(folder.resolve(file), Printable.of(text)));
        }
        return Integer.parseInt(text);
    }

    /** Adds the tokens that are not yet among the tokenizer's added tokens, and numbers those without an id. */
    private boolean addTokens(ObjectNode json, List<ObjectNode> tokens) {
        if (!(json.path("added_tokens") instanceof ArrayNode)) {
            json.putArray("added_tokens");
        }
        ArrayNode added = (ArrayNode) json.path("added_tokens");
        TokenIds ids = new TokenIds(json);
        int before = added.size();
        for (ObjectNode token : tokens) {
            String content = token.path("content").textValue();
            if (!ids.isAdded(content)) {
                int id = ids.add(content);
                if (token.path("id").asInt(id) != id) {
                    throw TokenIds.otherId(
                            "%s, %s or %s".formatted(folder.resolve(CONFIG), ADDED, SPECIAL),
                            content,
                            token.path("id").intValue(),
                            id);
                }
                added.add(JsonNodeFactory.instance.objectNode().put("id", id).setAll(token));
            }
        }
        return added.size() > before;
    }
}
