package io.sparkqa.squad;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sparkqa.config.UserError;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class QuestionReaderTest {
    private static final String ONE =
            "{\"id\": \"q1\", \"title\": \"t\", \"context\": \"Bees 😀 in Tolm.\", \"question\": \"Where?\", \"answers\": {\"text\": [\"Tolm\"], \"answer_start\": [10]}}";
    private static final String OTHER =
            "{\"id\": 4711, \"title\": null, \"context\": \"A ferry.\", \"question\": \"Who?\", \"answers\": {\"text\": [], \"answer_start\": []}}";
    private static final List<Example> BOTH = List.of(
            new Example(0, "q1", "t", "Bees 😀 in Tolm.", "Where?", List.of(new Example.Answer("Tolm", 10)), false),
            new Example(1, "4711", "", "A ferry.", "Who?", List.of(), true));

    @TempDir
    private Path folder;

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{\"version\": \"v2.0\", \"data\": [%s, %s]}",
                "[%s, %s]",
                "%s\n%s",
                "%s\r\n%s\r\n",
                "\uFEFF%s\n\n%s\n\n \n",
                "\n{\"header\": {\"dataset\": \"X\"}}\n%s\n%s\n",
                "\uFEFF{\"data\": [%s, %s]}"
            })
    void questionsWithTheirContextsAreReadFromDocumentsArraysAndLines(String layout) throws IOException {
        assertThat(read(write("dev.json", layout.formatted(ONE, OTHER)))).isEqualTo(BOTH);
        assertThat(read(zip("dev.jsonl.gz", layout.formatted(ONE, OTHER)))).isEqualTo(BOTH);
    }

    @Test
    void aPipeIsRefusedInsteadOfWaitedFor() throws Exception {
        Path pipe = folder.resolve("dev.json");
        assertThat(new ProcessBuilder("mkfifo", pipe.toString()).start().waitFor())
                .isZero();
        assertThatThrownBy(() -> read(pipe))
                .isInstanceOf(UserError.class)
                .hasMessageContaining(pipe + ": is a pipe")
                .hasMessageContaining("write them into a file first");
        assertThatThrownBy(() -> QuestionScan.files(folder)).hasMessageContaining("is a pipe");
    }

    @Test
    void mrqasLinesGiveTheirDetectedAnswersAndQids() throws IOException {
        Path file = zip(
                "mrqa.jsonl.gz",
                """
                {"header": {"dataset": "X", "split": "dev"}}
                {"id": "", "context": "😀 The  Old mill.", "qas": [
                  {"qid": "a1", "question": "What?", "answers": ["old mill", "mill"], "detected_answers": [
                    {"text": "the old MILL", "char_spans": [[2, 14]], "token_spans": [[0, 2]]},
                    {"text": "mill", "char_spans": [[11, 14], [0, 3]]}]},
                  {"qid": "a2", "question": "Who?", "answers": [], "detected_answers": []}]}
                """);

        assertThat(read(file))
                .containsExactly(
                        new Example(
                                0,
                                "a1",
                                "",
                                "😀 The  Old mill.",
                                "What?",
                                List.of(
                                        new Example.Answer("The  Old mill", 2),
                                        new Example.Answer("mill", 11),
                                        new Example.Answer("mill", 0)),
                                false),
                        new Example(1, "a2", "", "😀 The  Old mill.", "Who?", List.of(), true));
    }

    @Test
    void aQuestionWithoutAnswersIsNotLabelled() throws IOException {
        String line = "{\"id\": \"a\", \"context\": \"c\", \"question\": \"q\"%s}\n";
        Path file = write(
                "dev.jsonl",
                line.formatted("")
                        + line.formatted(", \"answers\": null")
                        + line.formatted(", \"is_impossible\": true")
                        + line.formatted(", \"answers\": []"));

        assertThat(read(file)).extracting(Example::labelled).containsExactly(false, false, false, true);
        assertThat(read(file)).extracting(Example::impossible).containsExactly(false, false, true, true);
    }

    @Test
    void anEmptyTextIsNoAnswer() throws IOException {
        String line =
                "{\"id\": \"a\", \"context\": \"c\", \"question\": \"q\", \"answers\": {\"text\": [\"\"], \"answer_start\": [%d]}%s}\n";
        Path file = write(
                "dev.jsonl",
                line.formatted(-1, ", \"is_impossible\": true") + line.formatted(0, "") + line.formatted(5, ""));

        assertThat(read(file)).allSatisfy(example -> assertThat(example)
                .extracting(Example::answers, Example::impossible, Example::labelled)
                .containsExactly(List.of(), true, true));
        assertThat(read(write("no.jsonl", line.formatted(0, ", \"is_impossible\": false"))))
                .allMatch(Example::hasEmptyAnswer);
    }

    @Test
    void manyRecordsAreGatheredInSlicesAndKeepTheirNumbers() throws IOException {
        int lines = 3000;
        String text = IntStream.range(0, lines)
                .mapToObj(i -> ONE.replace("q1", "q" + i) + (i % 7 == 0 ? "\n\n" : "\n"))
                .collect(Collectors.joining());
        Path file = write("dev.jsonl", text);

        List<Example> examples = read(file);

        assertThat(QuestionScan.of(List.of(file))).hasSizeBetween(20, 60);
        assertThat(examples).extracting(Example::exampleIndex).isEqualTo(longs(lines));
        assertThat(examples)
                .extracting(Example::id)
                .isEqualTo(longs(lines).stream().map(i -> "q" + i).toList());
        Path broken = write("broken.jsonl", text.replace("{\"id\": \"q2000\"", "{\"ID\": \"q2000\""));
        assertThatThrownBy(() -> read(broken)).hasMessageContaining("broken.jsonl: line 2287: id: expected a text");
    }

    @Test
    void articlesAndSingleQuestionsMayAlternate() throws IOException {
        String article =
                "{\"title\": \"A\", \"paragraphs\": [{\"context\": \"c\", \"qas\": [{\"id\": \"x\", \"question\": \"?\"}, {\"id\": \"y\", \"question\": \"?\"}]}, {\"context\": \"d\", \"qas\": []}]}";
        Path file = write("dev.json", "{\"data\": [" + String.join(",", ONE, article, OTHER, OTHER, article) + "]}");

        List<Example> examples = read(file);

        assertThat(examples).extracting(Example::exampleIndex).isEqualTo(longs(7));
        assertThat(examples).extracting(Example::id).containsExactly("q1", "x", "y", "4711", "4711", "x", "y");
        assertThat(examples).extracting(Example::title).containsExactly("t", "A", "A", "", "", "A", "A");
    }

    @ParameterizedTest
    @ValueSource(strings = {"UTF-16", "UTF-16LE", "UTF-16BE", "UTF-32LE"})
    void anotherEncodingIsNamedWithTheRemedy(String encoding) throws IOException {
        Path file = Files.write(folder.resolve("wide.json"), "{\"data\": []}".getBytes(Charset.forName(encoding)));

        assertThatThrownBy(() -> read(file))
                .isInstanceOf(UserError.class)
                .hasMessageContaining("wide.json: is encoded as UTF-16")
                .hasMessageContaining("iconv");
    }

    @Test
    void jsonBeyondTheBoundsIsRefusedWithFileAndPlace() throws IOException {
        refuses("{\"x\": " + "[".repeat(1001) + "]".repeat(1001) + "}", "line 1, column", "nesting depth");
        refuses("{\"x\": " + "1".repeat(1001) + ", \"data\": []}", "bounds for JSON", "Number length");
        refuses("{\"data\": [{\"title\": \"" + "t".repeat(20_000_001) + "\"}]}", "bounds for JSON", "20000000");
        refuses(
                "{\"data\": [{\"context\": \"" + "c".repeat(20_000_001) + "\", \"id\": \"\", \"question\": \"\"}]}",
                "big.json: data[0]: beyond the bounds for JSON",
                "20000000");
    }

    @Test
    void aNumberThatJsonDoesNotHaveIsRefusedInWordsForItsWriter() throws IOException {
        refuses("{\"data\": [{\"title\": NaN}]}", "'NaN', which JSON does not have");
    }

    private void refuses(String json, String... parts) throws IOException {
        Path file = write("big.json", json);
        assertThatThrownBy(() -> read(file)).isInstanceOf(UserError.class).satisfies(e -> {
            assertThat(e.getMessage()).contains("big.json: ").contains(parts).hasSizeLessThan(600);
        });
    }

    private static List<Long> longs(int count) {
        return IntStream.range(0, count).mapToObj(Long::valueOf).toList();
    }

    private static List<Example> read(Path file) {
        List<Example> examples = new ArrayList<>();
        try (QuestionReader reader = new QuestionReader()) {
            QuestionScan.of(QuestionScan.files(file)).forEach(slice -> examples.addAll(reader.read(slice)));
        }
        return examples;
    }

    private Path write(String name, String text) throws IOException {
        return Files.writeString(folder.resolve(name), text);
    }

    private Path zip(String name, String text) throws IOException {
        Path file = folder.resolve(name);
        try (OutputStream out = new GZIPOutputStream(Files.newOutputStream(file))) {
            out.write(text.getBytes(StandardCharsets.UTF_8));
        }
        return file;
    }
}
