package io.sparkqa.evaluate;

import io.sparkqa.Mutations;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** With broken files, the official script's command line gives metrics or a message. */
class SquadFilesFuzzTest {
    private static final byte[] DATA = bytes(
            """
            {"version": "v2.0", "data": [{"title": "T", "paragraphs": [{"context": "C d e", "qas": [
              {"id": "q1", "question": "W", "answers": [{"text": "C", "answer_start": 0}], "is_impossible": false},
              {"id": "q2", "question": "W", "answers": [], "is_impossible": true}]}]}]}
            """);
    private static final byte[] PREDICTIONS = bytes("{\"q1\": \"the C\", \"q2\": \"\"}");
    private static final byte[] ODDS = bytes("{\"q1\": -3.5, \"q2\": 0.25}");

    @TempDir
    private Path folder;

    @Test
    void dataSets() throws Exception {
        Mutations.check(folder.resolve("data.json"), DATA, Mutations::json, GoldAnswers::read);
    }

    @Test
    void dataSetsOfOtherFormats() throws Exception {
        byte[] flat = bytes(
                """
                {"data": [{"id": "q1", "context": "C d e", "question": "W", "answers": {"text": ["C"], "answer_start": [0]}},
                  {"id": "q2", "context": "C d e", "question": "W", "answers": {"text": [], "answer_start": []}}]}
                """);
        Mutations.check(folder.resolve("data.json"), flat, Mutations::json, GoldAnswers::read);
    }

    @Test
    void predictions() throws Exception {
        Mutations.check(folder.resolve("predictions.json"), PREDICTIONS, Mutations::json, SquadFiles::predictions);
    }

    @Test
    void nullOdds() throws Exception {
        Mutations.check(folder.resolve("odds.json"), ODDS, Mutations::json, SquadFiles::nullOdds);
    }

    @Test
    void wholeEvaluations() throws Exception {
        Path data = Files.write(folder.resolve("data.json"), DATA);
        Path predictions = Files.write(folder.resolve("predictions.json"), PREDICTIONS);
        Mutations.check(folder.resolve("odds.json"), ODDS, Mutations::json, file -> new OfficialEvaluation(
                        data, predictions, Optional.of(file), 1, Optional.empty())
                .run(line -> {})
                .toIndentedJson());
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }
}
