package io.sparkqa.model;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ModelCardTest {
    private static final CardScores.Split DEV = new CardScores.Split(
            "dev",
            "rajpurkar/squad_v2@main",
            Optional.of("rajpurkar/squad_v2"),
            11_873,
            79.871,
            82.912,
            OptionalDouble.of(80.5),
            OptionalDouble.empty());

    @TempDir
    private Path folder;

    private String card;

    @BeforeEach
    void aCard() throws IOException {
        Files.writeString(folder.resolve("config.json"), TinyNetwork.JSON);
        new ModelCard(
                        "my \"model\"",
                        "FacebookAI/roberta-base",
                        Optional.of("FacebookAI/roberta-base"),
                        "mit",
                        List.of(new ModelCard.DataSet("rajpurkar/squad_v2", Optional.of("rajpurkar/squad_v2"))),
                        Map.of("train.lr", "3e-5", "contents of windows/train", "abc"))
                .write(folder);
        card = Files.readString(folder.resolve("README.md"));
    }

    @Test
    void itsMetadataIsThatOfTheHub() {
        assertThat(card)
                .startsWith(
                        """
                        ---
                        license: mit
                        library_name: transformers
                        pipeline_tag: question-answering
                        tags: [question-answering, spark-qa, roberta]
                        base_model: FacebookAI/roberta-base
                        datasets: [rajpurkar/squad_v2]
                        metrics: [exact_match, f1]
                        ---

                        # my "model"
                        """);
    }

    @Test
    void itShowsSettingsDigestsAndHowToUseTheModel() {
        assertThat(card)
                .contains("\n| train.lr | 3e-5 |\n", "\n| windows/train | abc |\n", "Not evaluated yet")
                .contains("AutoModelForQuestionAnswering", "QuestionAnswerer.open", "RobertaQuestionAnsweringModel")
                .doesNotContain("contents of");
    }

    @Test
    void scoresAreFilledInAsTableAndModelIndexAndReplacedLater() {
        String scored = CardScores.filledInto(card, "my \"model\"", List.of(DEV));

        assertThat(scored)
                .contains(
                        """
                        metrics: [exact_match, f1]
                        model-index:
                        - name: "my \\"model\\""
                          results:
                            - task:
                                type: question-answering
                                name: Question Answering
                              dataset:
                                type: "rajpurkar/squad_v2"
                                name: "dev (rajpurkar/squad_v2@main)"
                              metrics:
                              - type: exact_match
                                value: 79.8710
                                name: Exact Match
                              - type: f1
                                value: 82.9120
                                name: F1
                        ---
                        """)
                .contains("| dev: rajpurkar/squad_v2@main | 11,873 | 79.87 | 82.91 | 80.50 |  |\n")
                .doesNotContain("Not evaluated yet");
        assertThat(CardScores.filledInto(scored, "my \"model\"", List.of(DEV))).isEqualTo(scored);
    }

    @Test
    void whatTheOwnerHasChangedStays() {
        String edited = CardScores.filledInto(card, "m", List.of(DEV))
                .replace("license: mit", "license: cc-by-4.0\nlanguage: [en, de]")
                .replace("# my \"model\"", "# The reader of our tickets");
        CardScores.Split other = new CardScores.Split(
                "dev", "dev.json", Optional.empty(), 4, 1, 2, OptionalDouble.empty(), OptionalDouble.empty());

        assertThat(CardScores.filledInto(edited, "m", List.of(other)))
                .startsWith("---\nlicense: cc-by-4.0\nlanguage: [en, de]\n")
                .contains("# The reader of our tickets", "| dev: dev.json | 4 | 1.00 | 2.00 |", "value: 2.0000")
                .doesNotContain("82.91");
        assertThat(CardScores.filledInto("My own words.\n", "m", List.of(other)))
                .isEqualTo("My own words.\n");
    }

    @Test
    void theLicenseIsThatOfTheModelsOwnCard() throws IOException {
        assertThat(ModelCard.licenseOf(folder)).isEqualTo("mit");
        Files.writeString(folder.resolve("README.md"), "---\nlanguage: en\nlicense: \"cc-by-4.0\"\n---\n");
        assertThat(ModelCard.licenseOf(folder)).isEqualTo("cc-by-4.0");
        Files.writeString(folder.resolve("README.md"), "---\nlanguage: en\n---\nlicense: mit\n");
        assertThat(ModelCard.licenseOf(folder)).isEqualTo("unknown");
        assertThat(ModelCard.licenseOf(folder.resolve("none"))).isEqualTo("unknown");
    }

    @Test
    void theConfigurationNamesTheTypeOfItsWeightsAndKeepsTheRest() throws IOException {
        String json = TinyNetwork.JSON
                .replace("\"roberta\"", "\"xlm-roberta\"")
                .replace(
                        "\"torch_dtype\": \"float32\"",
                        "\"dtype\": \"bfloat16\", \"transformers_version\": \"4.57.0\"");

        JsonNode written = new ObjectMapper().readTree(TinyNetwork.config(json).questionAnsweringJson());

        assertThat(written.path("architectures").path(0).asText()).isEqualTo("XLMRobertaForQuestionAnswering");
        assertThat(written.path("dtype").asText()).isEqualTo("float32");
        assertThat(written.path("transformers_version").asText()).isEqualTo("4.57.0");
        assertThat(written.has("torch_dtype")).isFalse();
    }
}
