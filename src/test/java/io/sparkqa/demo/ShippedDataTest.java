package io.sparkqa.demo;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.sparkqa.window.PairTokenizer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The files under {@code data/} are those that {@code data/make.sh} makes, with the arguments that stand there. */
class ShippedDataTest {
    private static final Path DATA = Path.of("data");
    private static final int MAX_LENGTH = 192;
    private static final Pattern COMMAND = Pattern.compile("(?m)^run (\\w+) (.*)$");

    @TempDir
    private Path folder;

    @Test
    void makingTheShippedFilesAgainGivesTheSameBytes() throws IOException {
        Matcher command = COMMAND.matcher(Files.readString(DATA.resolve("make.sh")));
        while (command.find()) {
            List<String> arguments = Arrays.stream(command.group(2).split(" "))
                    .map(argument -> argument.replace("\"", "").replace("$out", folder.toString()))
                    .toList();
            int exit =
                    switch (command.group(1)) {
                        case "DemoData" -> DemoCommand.run(new DemoData(), arguments.toArray(String[]::new));
                        case "TokenizerTrainer" -> DemoCommand.run(
                                new TokenizerTrainer(), arguments.toArray(String[]::new));
                        default -> throw new AssertionError("data/make.sh runs an unknown " + command.group(1));
                    };
            assertThat(exit).isZero();
        }
        for (String file : List.of("train.json", "dev.json", "start-model/tokenizer.json")) {
            assertThat(folder.resolve(file)).hasSameBinaryContentAs(DATA.resolve(file));
        }
    }

    @Test
    void everyQuestionAndItsParagraphFitOneWindowOfTheShippedTokenizer() throws IOException {
        try (PairTokenizer tokenizer = PairTokenizer.open(DATA.resolve("start-model/tokenizer.json"))) {
            for (String file : List.of("train.json", "dev.json", "handwritten.json")) {
                for (JsonNode article :
                        new ObjectMapper().readTree(DATA.resolve(file).toFile()).get("data")) {
                    for (JsonNode paragraph : article.get("paragraphs")) {
                        int context = tokenizer
                                .encode(paragraph.get("context").asText())
                                .ids()
                                .length;
                        for (JsonNode question : paragraph.get("qas")) {
                            int length = tokenizer
                                            .encode(question.get("question").asText())
                                            .ids()
                                            .length
                                    + context
                                    + 4;
                            assertThat(length).as(question.get("id").asText()).isLessThanOrEqualTo(MAX_LENGTH);
                        }
                    }
                }
            }
        }
    }

    @Test
    void theHandwrittenAnswersStandAtTheirOffsets() throws IOException {
        int questions = 0;
        for (JsonNode article : new ObjectMapper()
                .readTree(DATA.resolve("handwritten.json").toFile())
                .get("data")) {
            for (JsonNode paragraph : article.get("paragraphs")) {
                String context = paragraph.get("context").asText();
                for (JsonNode question : paragraph.get("qas")) {
                    questions++;
                    for (JsonNode answer : question.get("answers")) {
                        int start = context.offsetByCodePoints(
                                0, answer.get("answer_start").asInt());
                        assertThat(context.substring(start))
                                .startsWith(answer.get("text").asText());
                    }
                }
            }
        }
        assertThat(questions).isGreaterThanOrEqualTo(100);
    }

    @Test
    void ordinaryWordsAreSingleTokens() throws IOException {
        try (PairTokenizer tokenizer = PairTokenizer.open(DATA.resolve("start-model/tokenizer.json"))) {
            for (String word : List.of(
                    " ship", " bridge", " museum", " keeper", " captain", " harbour", " built", "Who", "What")) {
                assertThat(tokenizer.encode(word).ids()).as(word).hasSize(1);
            }
        }
    }
}
