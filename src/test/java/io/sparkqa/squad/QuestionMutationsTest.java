package io.sparkqa.squad;

import io.sparkqa.Mutations;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.SplittableRandom;
import java.util.stream.Collectors;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class QuestionMutationsTest {
    private static final String SQUAD =
            """
            {"version": "v2.0", "data": [
              {"title": "Émile", "paragraphs": [
                {"context": "Bees 😀 in Tolm.", "document_id": 7, "qas": [
                  {"id": "a", "question": "Where?", "answers": [{"text": "Tolm", "answer_start": 10}], "is_impossible": false},
                  {"id": 5, "question": "Who?", "answers": [], "is_impossible": true, "plausible_answers": []}]},
                {"context": "c", "qas": [{"id": "b", "question": "?", "answers": [{"text": "", "answer_start": -1}]}]}]},
              {"id": "f", "title": "t", "context": "A ferry.", "question": "?", "answers": {"text": ["A"], "answer_start": [0]}}]}
            """;
    private static final String LINES =
            """
            {"header": {"dataset": "X"}}
            {"id": "", "context": "The old mill.", "qas": [{"qid": "a1", "question": "?", "answers": ["mill"], "detected_answers": [{"text": "mill", "char_spans": [[8, 11]]}]}]}
            {"id": "q1", "context": "A ferry.", "question": "?", "answers": {"text": ["A"], "answer_start": [0]}}
            """;

    @TempDir
    private Path folder;

    @Test
    void aMutatedDocumentIsReadOrRefused() throws Exception {
        Mutations.check(
                folder.resolve("a.json"), SQUAD.getBytes(StandardCharsets.UTF_8), Mutations::json, this::readAll);
    }

    @Test
    void mutatedLinesAreReadOrRefused() throws Exception {
        Mutations.check(
                folder.resolve("a.jsonl"),
                LINES.getBytes(StandardCharsets.UTF_8),
                QuestionMutationsTest::lines,
                this::readAll);
    }

    @Test
    void aMutatedGzipFileIsReadOrRefused() throws Exception {
        Mutations.check(folder.resolve("a.json.gz"), zip(SQUAD), Mutations::bytes, this::readAll);
    }

    private static byte[] lines(byte[] valid, SplittableRandom random) {
        return new String(valid, StandardCharsets.UTF_8)
                .lines()
                .map(line -> new String(
                        random.nextBoolean()
                                ? line.getBytes(StandardCharsets.UTF_8)
                                : Mutations.json(line.getBytes(StandardCharsets.UTF_8), random),
                        StandardCharsets.UTF_8))
                .collect(Collectors.joining("\n"))
                .getBytes(StandardCharsets.UTF_8);
    }

    private static byte[] zip(String text) {
        ByteArrayOutputStream zipped = new ByteArrayOutputStream();
        try (OutputStream out = new GZIPOutputStream(zipped)) {
            out.write(text.getBytes(StandardCharsets.UTF_8));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return zipped.toByteArray();
    }

    private void readAll(Path file) {
        try (QuestionReader reader = new QuestionReader()) {
            QuestionScan.of(QuestionScan.files(file))
                    .forEach(slice -> reader.read(slice).forEach(Example::misplacedAnswers));
        }
    }
}
