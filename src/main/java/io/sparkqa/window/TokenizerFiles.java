package io.sparkqa.window;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;

/** Writes the files of a tokenizer that HuggingFace's {@code from_pretrained} expects beside its tokenizer.json. */
public final class TokenizerFiles {
    private static final ObjectMapper JSON = new ObjectMapper().enable(SerializationFeature.INDENT_OUTPUT);

    private TokenizerFiles() {}

    /**
     * Writes tokenizer.json into a model's folder, which already has the other files of its tokenizer. If there are none, it
     * adds special_tokens_map.json and tokenizer_config.json, which name the special tokens; tokens stay the same.
     *
     * @param tokenizer folder of the tokenizer, or its tokenizer.json
     * @param maxLength longest input in tokens
     */
    public static void complete(Path folder, Path tokenizer, int maxLength) throws IOException {
        byte[] json = TokenizerJson.read(tokenizer);
        Files.write(folder.resolve("tokenizer.json"), json);
        Map<String, String> special = special(TokenizerJson.object(json, tokenizer.toString()), tokenizer.toString());
        if (!Files.exists(folder.resolve(TokenizerSettings.SPECIAL))) {
            write(folder.resolve(TokenizerSettings.SPECIAL), JSON.valueToTree(special));
        }
        if (Files.exists(folder.resolve(TokenizerSettings.CONFIG))) {
            return;
        }
        ObjectNode config = JSON.createObjectNode();
        // this class takes tokenizer.json as it is
        config.put("tokenizer_class", "PreTrainedTokenizerFast");
        config.put("model_max_length", maxLength);
        config.put("clean_up_tokenization_spaces", false);
        config.putArray("model_input_names").add("input_ids").add("attention_mask");
        special.forEach(config::put);
        write(folder.resolve(TokenizerSettings.CONFIG), config);
    }

    /** Returns the special tokens among the tokenizer's added tokens, by HuggingFace's names for their tasks. */
    private static Map<String, String> special(ObjectNode tokenizer, String source) {
        Vocabulary vocabulary = Vocabulary.of(tokenizer, source);
        int[] before = vocabulary.special().before();
        int[] between = vocabulary.special().between();
        Map<Integer, String> added = new LinkedHashMap<>();
        tokenizer
                .path("added_tokens")
                .forEach(token -> added.put(
                        token.path("id").intValue(), token.path("content").asText()));
        Map<String, String> special = new LinkedHashMap<>();
        for (String[] named : new String[][] {
            {"bos_token", "<s>"},
            {"eos_token", "</s>"},
            {"unk_token", "<unk>"},
            {"unk_token", "[UNK]"},
            {"mask_token", "<mask>"},
            {"mask_token", "[MASK]"}
        }) {
            if (added.containsValue(named[1])) {
                special.put(named[0], named[1]);
            }
        }
        put(special, "cls_token", added.get(before[0]));
        put(special, "sep_token", between.length == 0 ? null : added.get(between[0]));
        put(special, "pad_token", added.get(vocabulary.pad()));
        return special;
    }

    private static void put(Map<String, String> special, String task, String token) {
        if (token != null) {
            special.put(task, token);
        }
    }

    private static void write(Path file, ObjectNode json) throws IOException {
        Files.writeString(file, JSON.writeValueAsString(json) + "\n");
    }
}
