package io.sparkqa.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sparkqa.config.UserError;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class RobertaConfigTest {
    @TempDir
    Path folder;

    @ParameterizedTest
    @CsvSource({
        "roberta, 50265, RobertaForQuestionAnswering",
        "xlm-roberta, 30522, XLMRobertaForQuestionAnswering",
        "camembert, 30522, CamembertForQuestionAnswering"
    })
    void missingKeysHaveHuggingFacesDefaultsForTheModelType(String type, int vocabSize, String architecture)
            throws IOException {
        String json = "{\"model_type\": \"%s\"}".formatted(type);

        RobertaConfig config = read(json);

        assertThat(config)
                .isEqualTo(new RobertaConfig(vocabSize, 768, 12, 12, 3072, 512, 2, 1, 1e-12, 0.1, 0.1, 0.02, json));
        assertThat(config.questionAnsweringJson()).contains("\"" + architecture + "\"");
    }

    @Test
    void aConfigurationOfAQuestionAnsweringModelIsWrittenAsItWasRead() throws IOException {
        assertThat(read(TinyNetwork.JSON).questionAnsweringJson()).isEqualTo(TinyNetwork.JSON);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "\"num_hidden_layers\": 2147483648",
                "\"num_hidden_layers\": 1001",
                "\"num_hidden_layers\": 0",
                "\"num_hidden_layers\": null",
                "\"hidden_size\": \"768\"",
                "\"hidden_size\": 1e308",
                "\"vocab_size\": 1.5",
                "\"vocab_size\": -1",
                "\"pad_token_id\": 50265",
                "\"pad_token_id\": -1",
                "\"pad_token_id\": 504",
                "\"max_position_embeddings\": 9",
                "\"type_vocab_size\": -5",
                "\"layer_norm_eps\": -1",
                "\"hidden_dropout_prob\": 1",
                "\"attention_probs_dropout_prob\": 9223372036854775807",
                "\"num_attention_heads\": 7",
                "\"intermediate_size\": 100000000",
                "\"hidden_act\": \"relu\"",
                "\"position_embedding_type\": \"relative_key\"",
            })
    void impossibleNetworksAreRefusedWithFileAndKey(String entry) {
        String key = entry.substring(1, entry.indexOf('"', 1));
        assertThatThrownBy(() -> read("{\"model_type\": \"roberta\", %s}".formatted(entry)))
                .isInstanceOf(UserError.class)
                .hasMessageContaining(folder.resolve("config.json") + ": ")
                .hasMessageContaining(key.replace("intermediate_size", "intermediate.dense")
                        .replace("max_position_embeddings", "pad_token_id"));
    }

    @Test
    void longAndRawValuesAreCutAndMadePrintableInMessages() {
        assertThatThrownBy(() -> read("{\"model_type\": \"roberta\\u001b[31m" + "x".repeat(100_000) + "\"}"))
                .isInstanceOf(UserError.class)
                .satisfies(e -> assertThat(e.getMessage()).hasSizeLessThan(500).doesNotContain("\u001b"));
    }

    private RobertaConfig read(String json) throws IOException {
        Path file = folder.resolve("config.json");
        Files.writeString(file, json);
        return RobertaConfig.read(file);
    }
}
