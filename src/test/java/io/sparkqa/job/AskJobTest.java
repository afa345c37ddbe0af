package io.sparkqa.job;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.sparkqa.decode.Calibration;
import io.sparkqa.model.TinyModel;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The command {@code ask} with an untrained model. */
class AskJobTest {
    private static final String TEXT = "The mill stood by the river. Anna Lund ran it until 1890.";
    private static final double SAVED = -12.5;

    @TempDir
    static Path folder;

    private static Path model;

    @BeforeAll
    static void aModelWithASavedThreshold() throws IOException {
        model = TinyModel.write(folder.resolve("model"));
        Files.write(model.resolve(Calibration.FILE), new Calibration(SAVED, "model", "dev", 1, 50).toJson());
        Files.writeString(Files.createDirectories(folder.resolve("texts")).resolve("a.txt"), "\uFEFF" + TEXT);
        Files.writeString(folder.resolve("texts/b.md"), "Nobody knows who built the tower on the hill.");
    }

    private static StageOutput ask(String... arguments) {
        return StageOutput.of(
                new AskJob(),
                Stream.concat(
                                Stream.of(
                                        model.toString(),
                                        "train.device=cpu",
                                        "features.max_length=" + TinyModel.LONGEST_WINDOW,
                                        "features.stride=16"),
                                Stream.of(arguments))
                        .toArray(String[]::new));
    }

    private static JsonNode json(String... arguments) throws IOException {
        StageOutput output =
                ask(Stream.concat(Stream.of("--json", "--question", "Who ran the mill?"), Stream.of(arguments))
                        .toArray(String[]::new));
        assertThat(output.err()).isEmpty();
        assertThat(output.out()).hasLineCount(1);
        return new ObjectMapper().readTree(output.out());
    }

    @Test
    void theThresholdIsTheOneSavedInTheModelFolderUnlessOneIsSet() throws IOException {
        assertThat(json("--context", TEXT).get("threshold").asDouble()).isEqualTo(SAVED);
        assertThat(json("--context", TEXT, "decode.null_threshold=3")
                        .get("threshold")
                        .asDouble())
                .isEqualTo(3);
        assertThat(json("--context", TEXT, "--threshold", "-4", "decode.null_threshold=3")
                        .get("threshold")
                        .asDouble())
                .isEqualTo(-4);
    }

    @Test
    void anAnswerAsJsonHasItsPlaceItsMeasuresAndTheOthers() throws IOException {
        JsonNode answer = json("--context", TEXT, "--top", "3", "--threshold", "1e9");

        assertThat(answer.get("answered").asBoolean()).isTrue();
        assertThat(TEXT.substring(answer.get("start").asInt(), answer.get("end").asInt()))
                .isEqualTo(answer.get("answer").asText())
                .isNotEmpty();
        assertThat(answer.get("probability").asDouble()).isBetween(0.0, 1.0);
        assertThat(answer.get("null_odds").isNumber()).isTrue();
        assertThat(answer.get("n_best")).hasSize(3);
    }

    @Test
    void theTextMayComeFromAFileAFolderOrStandardInput() throws IOException {
        Path texts = folder.resolve("texts");
        String file = texts.resolve("a.txt").toString();
        assertThat(json("--context-file", file).get("document").asText()).isEqualTo(file);
        assertThat(json("--context-file", texts.toString(), "--top", "2").get("n_best"))
                .hasSize(2)
                .extracting(each -> each.get("document").asText())
                .containsExactlyInAnyOrder(file, texts.resolve("b.md").toString());
        String[] answered = {"--threshold", "1e9", "--context-file", file};
        assertThat(json(answered).get("start"))
                .as("the byte-order mark does not count")
                .isEqualTo(json("--threshold", "1e9", "--context", TEXT).get("start"));

        StageOutput piped = StandardInput.of(
                TEXT, () -> ask("--json", "--question", "Who?", "--threshold", "1e9", "--context-file", "-"));
        assertThat(TEXT)
                .contains(new ObjectMapper().readTree(piped.out()).get("answer").asText());
    }

    @Test
    void questionsAndCommandsMayComeThroughAPipe() {
        List<String> lines = StandardInput.of(
                        """
                        :threshold 1e9
                        Who ran the mill?
                        :threshold -1e9
                        :top 2
                        When?
                        :context %s
                        :help
                        :quit
                        What is behind the end?
                        """
                                .formatted(folder.resolve("texts")),
                        () -> ask("--context", TEXT))
                .out()
                .lines()
                .toList();

        assertThat(lines.get(0)).contains("(probability ").contains("null odds ");
        assertThat(lines.get(1)).startsWith("  ").contains("[").contains("]");
        assertThat(lines.get(2)).startsWith("no answer");
        assertThat(lines.get(3)).startsWith("best guess: ");
        assertThat(lines.get(6)).startsWith("2 texts, ");
        assertThat(lines.get(lines.size() - 1)).startsWith(":quit");
        assertThat(lines).hasSize(13);
    }

    @Test
    void aQuestionWithoutATextATopOfNoneAndAThresholdThatIsNoNumberAreWrongUse() {
        assertThat(ask("--question", "Who?").code()).isEqualTo(2);
        assertThat(ask("--question", "Who?", "--context", TEXT, "--threshold", "NaN")
                        .code())
                .isEqualTo(2);
        assertThat(ask("--question", "Who?", "--context", TEXT, "--top", "0").code())
                .isEqualTo(2);
        StageOutput unasked = StandardInput.of(TEXT, () -> ask("--context-file", "-"));
        assertThat(unasked.code()).isEqualTo(2);
        assertThat(unasked.err()).contains("give --question");
    }
}
