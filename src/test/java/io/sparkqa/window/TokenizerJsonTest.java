package io.sparkqa.window;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sparkqa.config.UserError;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The expected ids and rules are those of transformers' RobertaTokenizerFast for the same files. */
class TokenizerJsonTest {
    private static final int NEXT = TinyTokenizer.VOCABULARY;

    @TempDir
    private Path folder;

    @BeforeEach
    void aTokenizer() {
        TinyTokenizer.write(folder);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            textBlock =
                    """
                    added_tokens.json       | {"<dev>": 269}
                    tokenizer_config.json   | {"added_tokens_decoder": {"269": {"content": "<dev>", "special": true}}}
                    tokenizer_config.json   | {"additional_special_tokens": ["<dev>"]}
                    special_tokens_map.json | {"additional_special_tokens": [{"content": "<dev>", "lstrip": false}]}
                    """)
    void anAddedTokenIsOneToken(String file, String json) throws IOException {
        assertThat(NEXT).isEqualTo(269);
        Files.writeString(folder.resolve(file), json);

        assertThat(ids("a<dev>z")).containsExactly(id("a"), NEXT, id("z"));
        try (PairTokenizer tokenizer = PairTokenizer.open(folder)) {
            assertThat(tokenizer.vocabularySize()).isEqualTo(NEXT + 1);
        }
    }

    @Test
    void addedTokensFollowInTheOrderOfTheirIds() throws IOException {
        Files.write(folder.resolve("tokenizer.json"), TokenizerJson.read(folder));
        Files.writeString(
                folder.resolve("added_tokens.json"), "{\"<c>\": 271, \"<b>\": 270, \"<a>\": 269, \"<s>\": 0}");

        assertThat(ids("<a><b><c>")).containsExactly(NEXT, NEXT + 1, NEXT + 2);
    }

    @Test
    void aTokenWithStripOptionsIncludesTheSpaceAroundIt() throws IOException {
        Files.writeString(
                folder.resolve("tokenizer_config.json"),
                "{\"added_tokens_decoder\": {\"269\": {\"content\": \"<dev>\", \"lstrip\": true, \"rstrip\": true}}}");

        assertThat(ids("a <dev> z")).containsExactly(id("a"), NEXT, id("z"));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            textBlock =
                    """
                    false | {"add_prefix_space": true}                                             | true
                    true  | {"add_prefix_space": false}                                            | false
                    true  | {"tokenizer_class": "RobertaTokenizer"}                                | false
                    true  | {"tokenizer_class": "PreTrainedTokenizerFast"}                         | true
                    false | {"tokenizer_class": "PreTrainedTokenizerFast", "add_prefix_space": true} | true
                    true  |                                                                        | true
                    """)
    void theConfigsSettingOfASpaceBeforeTheTextOverridesTheTokenizer(boolean tokenizer, String config, boolean expected)
            throws IOException {
        String json = new String(TokenizerJson.read(folder), StandardCharsets.UTF_8);
        Files.writeString(
                folder.resolve("tokenizer.json"),
                json.replace("\"add_prefix_space\":false", "\"add_prefix_space\":" + tokenizer));
        if (config != null) {
            Files.writeString(folder.resolve("tokenizer_config.json"), config);
        }

        try (PairTokenizer opened = PairTokenizer.open(folder)) {
            Tokens tokens = opened.encode("a a");
            assertThat(tokens.ids()).isEqualTo(expected ? opened.encode(" a a").ids() : tokens.ids());
            assertThat(tokens.ids()[0] == id("a")).isEqualTo(!expected);
            assertThat(tokens.starts()).isEqualTo(new int[] {0, 2});
            assertThat(tokens.ends()).isEqualTo(new int[] {1, 3});
        }
    }

    @Test
    void filesWithoutNewSettingsDoNotChangeTheTokenizersBytes() throws IOException {
        Files.write(folder.resolve("tokenizer.json"), TokenizerJson.read(folder));
        Files.writeString(
                folder.resolve("tokenizer.json"), Files.readString(folder.resolve("tokenizer.json")) + "\n\n");
        Files.writeString(
                folder.resolve("tokenizer_config.json"), "{\"model_max_length\": 512, \"mask_token\": \"<mask>\"}");
        Files.writeString(folder.resolve("special_tokens_map.json"), "{\"bos_token\": \"<s>\"}");

        assertThat(TokenizerJson.read(folder)).isEqualTo(Files.readAllBytes(folder.resolve("tokenizer.json")));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            textBlock =
                    """
                    added_tokens.json       | {"<dev>": 300}                            | the token "<dev>" should have the id 300, but the tokenizers library gives it 269
                    added_tokens.json       | {"a": 5}                                  | the token "a" should have the id 5, but
                    added_tokens.json       | {"<dev>": "x"}                            | "x" is not a token's id
                    added_tokens.json       | [1]                                       | not a JSON object
                    tokenizer_config.json   | {                                         | not JSON
                    tokenizer_config.json   | {"added_tokens_decoder": {"269": {}}}     | a token is {} instead of
                    vocab.json              | {"<pad>": 0, "</s>": 1, "a": 2}           | has no token <s>, so it is not
                    vocab.json              | {"<s>": "", "<pad>": 1, "</s>": 2}        | the id of "<s>" is "", not a whole number
                    vocab.json              | {"<s>": 0, "<pad>": 1, "</s>": 2, "©": 2147483648} | the id of "©" is 2147483648
                    vocab.json              | {"<s>": 0, "<pad>": 1, "</s>": 2, "©": -1} | the id of the token "©" is -1
                    vocab.json              | {"<s>": 0, "<pad>": 1, "</s>": 2, "©": 2147483647} | the id of the token "©" is 2147483647
                    """)
    void anImpossibleTokenIsRefusedByName(String file, String json, String message) throws IOException {
        Files.writeString(folder.resolve(file), json);

        assertThatThrownBy(() -> PairTokenizer.open(folder))
                .isInstanceOf(UserError.class)
                .hasMessageContaining(folder.toString())
                .hasMessageContaining(message);
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1_001, 100_000})
    void anAddedTokenBeyondTheBoundsIsRefusedAtOnce(int length) throws IOException {
        String json = new String(TokenizerJson.read(folder), StandardCharsets.UTF_8);
        Files.writeString(
                folder.resolve("tokenizer.json"), json.replaceFirst("\"<unk>\"", "\"" + "a".repeat(length) + "\""));

        assertThatThrownBy(() -> PairTokenizer.open(folder))
                .isInstanceOf(UserError.class)
                .hasMessageContaining(folder + "/tokenizer.json: an added token has")
                .satisfies(e -> assertThat(e.getMessage()).hasSizeLessThan(500));
    }

    private int id(String letter) {
        int[] ids = ids(letter);
        assertThat(ids).hasSize(1);
        return ids[0];
    }

    private int[] ids(String text) {
        Path plain = TinyTokenizer.write(folder.resolve("plain"));
        try (PairTokenizer tokenizer = PairTokenizer.open(text.length() == 1 ? plain : folder)) {
            return Arrays.copyOf(
                    tokenizer.encode(text).ids(), tokenizer.encode(text).size());
        }
    }
}
