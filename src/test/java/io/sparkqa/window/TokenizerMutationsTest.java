package io.sparkqa.window;

import static org.assertj.core.api.Assertions.assertThat;

import io.sparkqa.Mutations;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class TokenizerMutationsTest {
    @TempDir
    private Path folder;

    @BeforeEach
    void aTokenizer() {
        TinyTokenizer.write(folder);
    }

    @ParameterizedTest
    @EnumSource
    void aMutatedTokenizerIsOpenedOrRefused(TokenizerKind kind) throws Exception {
        kind.write(folder);
        Path file = folder.resolve("tokenizer.json");
        Mutations.check(file, Files.readAllBytes(file), Mutations::json, this::use);
    }

    @Test
    void aMutatedVocabularyIsOpenedOrRefused() throws Exception {
        Path vocabulary = folder.resolve("vocab.json");
        Mutations.check(vocabulary, Files.readAllBytes(vocabulary), Mutations::json, this::use);
    }

    @Test
    void mutatedMergesAreOpenedOrRefused() throws Exception {
        Path merges = folder.resolve("merges.txt");
        Mutations.check(merges, Files.readAllBytes(merges), Mutations::bytes, this::use);
    }

    @Test
    void aMutatedConfigurationIsOpenedOrRefused() throws Exception {
        Mutations.check(
                folder.resolve("tokenizer_config.json"),
                """
                {"add_prefix_space": true, "tokenizer_class": "RobertaTokenizer", "mask_token": {"content": "<mask>"},
                 "added_tokens_decoder": {"269": {"content": "<dev>", "lstrip": true, "special": true}}}
                """
                        .getBytes(StandardCharsets.UTF_8),
                Mutations::json,
                this::use);
    }

    private void use(Path file) {
        try (PairTokenizer tokenizer = PairTokenizer.open(folder)) {
            int size = tokenizer.vocabularySize();
            assertThat(Arrays.stream(
                            tokenizer.encode("the ant 😀 <dev> <mask>\0 x").ids()))
                    .allMatch(id -> 0 <= id && id < size);
        }
    }
}
