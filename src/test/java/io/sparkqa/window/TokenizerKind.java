package io.sparkqa.window;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The kinds of tokenizers of RoBERTa's family, each with a vocabulary of single characters and a few words. */
public enum TokenizerKind {
    /** RoBERTa's. */
    BYTE_LEVEL("roberta") {
        @Override
        public int write(Path folder) {
            save(
                    folder,
                    new String(
                            TokenizerJson.read(TinyTokenizer.write(folder.resolve("source"))), StandardCharsets.UTF_8));
            return TinyTokenizer.VOCABULARY;
        }
    },

    /** XLM-RoBERTa's and CamemBERT's. */
    UNIGRAM("xlm-roberta") {
        @Override
        public int write(Path folder) {
            List<String> pieces = new ArrayList<>(List.of("<s>", "<pad>", "</s>", "<unk>", "▁"));
            pieces.addAll(CHARACTERS);
            WORDS.forEach(word -> pieces.add("▁" + word));
            pieces.add("<mask>");
            ArrayNode vocabulary = JSON.createArrayNode();
            for (String piece : pieces) {
                vocabulary.addArray().add(piece).add(piece.length() > 2 ? -2.0 : -5.0);
            }
            save(
                    folder,
                    UNIGRAM_JSON
                            .replace("VOCABULARY", vocabulary.toString())
                            .replace("MASK", String.valueOf(pieces.size() - 1)));
            return pieces.size();
        }
    },

    /** That of models of this family whose makers kept BERT's tokenizer, such as klue/roberta-base. */
    WORD_PIECE("camembert") {
        @Override
        public int write(Path folder) {
            Map<String, Integer> ids = new LinkedHashMap<>();
            List.of("[CLS]", "[PAD]", "[SEP]", "[UNK]").forEach(token -> ids.put(token, ids.size()));
            CHARACTERS.forEach(character -> ids.put(character, ids.size()));
            CHARACTERS.forEach(character -> ids.put("##" + character, ids.size()));
            WORDS.forEach(word -> ids.put(word, ids.size()));
            ObjectNode vocabulary = JSON.valueToTree(ids);
            save(folder, WORD_PIECE_JSON.replace("VOCABULARY", vocabulary.toString()));
            return ids.size();
        }
    };

    private static final ObjectMapper JSON = new ObjectMapper();
    private static final List<String> CHARACTERS = "abcdefghijklmnopqrstuvwxyz0123456789.,?'-ABCDEFGHIJKLMNOPQRSTUVWXYZ"
            .chars()
            .mapToObj(Character::toString)
            .toList();
    private static final List<String> WORDS = List.of("the", "ants", "live", "where", "what", "who", "mill", "was");

    private static final String UNIGRAM_JSON =
            """
            {"version": "1.0", "truncation": null, "padding": null,
             "added_tokens": [
              {"id": 0, "content": "<s>", "single_word": false, "lstrip": false, "rstrip": false, "normalized": false, "special": true},
              {"id": 1, "content": "<pad>", "single_word": false, "lstrip": false, "rstrip": false, "normalized": false, "special": true},
              {"id": 2, "content": "</s>", "single_word": false, "lstrip": false, "rstrip": false, "normalized": false, "special": true},
              {"id": 3, "content": "<unk>", "single_word": false, "lstrip": false, "rstrip": false, "normalized": false, "special": true},
              {"id": MASK, "content": "<mask>", "single_word": false, "lstrip": true, "rstrip": false, "normalized": true, "special": true}],
             "normalizer": {"type": "NFKC"},
             "pre_tokenizer": {"type": "Sequence", "pretokenizers": [
              {"type": "WhitespaceSplit"}, {"type": "Metaspace", "replacement": "▁", "add_prefix_space": true}]},
             "post_processor": {"type": "TemplateProcessing",
              "single": [{"SpecialToken": {"id": "<s>", "type_id": 0}}, {"Sequence": {"id": "A", "type_id": 0}},
               {"SpecialToken": {"id": "</s>", "type_id": 0}}],
              "pair": [{"SpecialToken": {"id": "<s>", "type_id": 0}}, {"Sequence": {"id": "A", "type_id": 0}},
               {"SpecialToken": {"id": "</s>", "type_id": 0}}, {"SpecialToken": {"id": "</s>", "type_id": 0}},
               {"Sequence": {"id": "B", "type_id": 0}}, {"SpecialToken": {"id": "</s>", "type_id": 0}}],
              "special_tokens": {"<s>": {"id": "<s>", "ids": [0], "tokens": ["<s>"]},
               "</s>": {"id": "</s>", "ids": [2], "tokens": ["</s>"]}}},
             "decoder": {"type": "Metaspace", "replacement": "▁", "add_prefix_space": true},
             "model": {"type": "Unigram", "unk_id": 3, "vocab": VOCABULARY}}
            """;

    private static final String WORD_PIECE_JSON =
            """
            {"version": "1.0", "truncation": null, "padding": null,
             "added_tokens": [
              {"id": 0, "content": "[CLS]", "single_word": false, "lstrip": false, "rstrip": false, "normalized": false, "special": true},
              {"id": 1, "content": "[PAD]", "single_word": false, "lstrip": false, "rstrip": false, "normalized": false, "special": true},
              {"id": 2, "content": "[SEP]", "single_word": false, "lstrip": false, "rstrip": false, "normalized": false, "special": true},
              {"id": 3, "content": "[UNK]", "single_word": false, "lstrip": false, "rstrip": false, "normalized": false, "special": true}],
             "normalizer": {"type": "BertNormalizer", "clean_text": true, "handle_chinese_chars": true, "strip_accents": null, "lowercase": false},
             "pre_tokenizer": {"type": "BertPreTokenizer"},
             "post_processor": {"type": "BertProcessing", "sep": ["[SEP]", 2], "cls": ["[CLS]", 0]},
             "decoder": {"type": "WordPiece", "prefix": "##", "cleanup": true},
             "model": {"type": "WordPiece", "unk_token": "[UNK]", "continuing_subword_prefix": "##",
              "max_input_chars_per_word": 100, "vocab": VOCABULARY}}
            """;

    private final String modelType;

    TokenizerKind(String modelType) {
        this.modelType = modelType;
    }

    /** Returns a model type of HuggingFace's with such a tokenizer. */
    public String modelType() {
        return modelType;
    }

    /** Writes tokenizer.json into a folder, and returns the size of the vocabulary. */
    public abstract int write(Path folder);

    private static void save(Path folder, String json) {
        try {
            Files.createDirectories(folder);
            Files.writeString(folder.resolve("tokenizer.json"), json);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
