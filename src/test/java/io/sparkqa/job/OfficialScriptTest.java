package io.sparkqa.job;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class OfficialScriptTest {
    @TempDir
    Path folder;

    private Path data;
    private Path predictions;
    private Path nullOdds;
    private String out;
    private String err;

    @BeforeEach
    void aDataSetOfTwoQuestions() throws IOException {
        data = write(
                "data.json",
                """
                {"version": "v2.0", "data": [{"title": "t", "paragraphs": [{"context": "Oslo", "qas": [
                  {"id": "q1", "question": "?", "answers": [{"text": "Oslo", "answer_start": 0}], "is_impossible": false},
                  {"id": "q2", "question": "?", "answers": [], "is_impossible": true, "plausible_answers": []}]}]}]}
                """);
        predictions = write("predictions.json", "{\"q1\": \"oslo\", \"q2\": \"Bergen\"}");
        nullOdds = write("na_prob.json", "{\"q1\": 0.2, \"q2\": 0.7}");
    }

    @Test
    void theMetricsArePrintedWithAnIndentOfTwo() {
        assertThat(run()).isZero();
        assertThat(out)
                .isEqualTo(
                        """
                        {
                          "exact": 50.0,
                          "f1": 50.0,
                          "total": 2,
                          "HasAns_exact": 100.0,
                          "HasAns_f1": 100.0,
                          "HasAns_total": 1,
                          "NoAns_exact": 0.0,
                          "NoAns_f1": 0.0,
                          "NoAns_total": 1
                        }
                        """);
    }

    @Test
    void withAnOutFileNothingIsPrinted() throws IOException {
        Path metrics = folder.resolve("out.json");

        assertThat(run("-o", metrics.toString())).isZero();

        assertThat(out).isEmpty();
        assertThat(metrics).content().startsWith("{\"exact\": 50.0, \"f1\": 50.0, \"total\": 2,");
    }

    @Test
    void longOptionsMeanTheSame() {
        assertThat(run("--na-prob-file", nullOdds.toString(), "--na-prob-thresh", "0.5", "--verbose"))
                .isZero();
        assertThat(out)
                .contains("\"exact\": 100.0", "\"best_exact_thresh\": 0.2")
                .doesNotContain("pr_exact_ap");
    }

    @Test
    void theFiveImagesAreDrawn() {
        Path images = folder.resolve("images/of/mine");

        assertThat(run("-n", nullOdds.toString(), "-t", "0.5", "-p", images.toString()))
                .isZero();

        assertThat(out).contains("\"pr_oracle_ap\": 100.0");
        assertThat(images)
                .isDirectoryContaining("glob:**pr_exact.png")
                .isDirectoryContaining("glob:**pr_f1.png")
                .isDirectoryContaining("glob:**pr_oracle.png")
                .isDirectoryContaining("glob:**na_prob_hist_hasAns.png")
                .isDirectoryContaining("glob:**na_prob_hist_noAns.png");
    }

    @Test
    void oddsOutsideAHistogramsRangeDoNoHarm() throws IOException {
        write("na_prob.json", "{\"q1\": -7.5, \"q2\": 12}");

        assertThat(run("-n", nullOdds.toString(), "-p", folder.toString())).isZero();
        assertThat(folder.resolve("na_prob_hist_hasAns.png")).isNotEmptyFile();
    }

    @Test
    void missingPredictionsAreListedAndTheScriptFails() throws IOException {
        write("predictions.json", "{\"q2\": \"\"}");

        assertThat(run()).isEqualTo(1);

        assertThat(out).isEqualTo("Missing prediction for q1\n");
        assertThat(err).contains("predictions.json lacks 1 of the 2 questions").doesNotContain("Exception");
    }

    @Test
    void aMissingProbabilityIsNamed() throws IOException {
        write("na_prob.json", "{\"q1\": 0.2}");

        assertThat(run("-n", nullOdds.toString())).isEqualTo(1);
        assertThat(err).contains("na_prob.json has no number for question q2");
    }

    @Test
    void badFilesAreNamedWithTheReason() throws IOException {
        write("predictions.json", "{\"q1\": ");
        assertThat(run()).isEqualTo(1);
        assertThat(err).contains("predictions.json: not JSON");

        write("predictions.json", "{\"q1\": {\"text\": \"Oslo\"}}");
        assertThat(run()).isEqualTo(1);
        assertThat(err).contains("predictions.json: q1: a value of another type", "text for each question id");

        Files.delete(predictions);
        assertThat(run()).isEqualTo(1);
        assertThat(err).contains("predictions.json: no such file");
    }

    @Test
    void nullsAndOtherValuesAreNamedByTheirPlaceWithoutQuotingThem() throws IOException {
        Map<String, String> reasons = Map.of(
                "null",
                "data.json: holds null",
                "{\"data\":[null]}",
                "data.json: data[0]: null",
                "{\"data\":[\"" + "a".repeat(100_000) + "\"]}",
                "data.json: data[0]: a value of another type",
                "{\"data\":[{\"paragraphs\":[{\"qas\":[null]}]}]}",
                "data[0].paragraphs[0].qas[0]: null",
                "{\"data\":[{\"paragraphs\":[{\"qas\":[{\"id\":\"a\"}]}]}]}",
                "qas[0].answers: missing",
                "{\"data\":[{\"paragraphs\":[{\"qas\":[{\"id\":\"a\",\"answers\":[null]}]}]}]}",
                "answers[0]: null");
        for (Map.Entry<String, String> reason : reasons.entrySet()) {
            write("data.json", reason.getKey());
            assertThat(run()).isEqualTo(1);
            assertThat(err).contains(reason.getValue(), "a SQuAD data set").hasSizeLessThan(500);
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{\"version\": \"v2.0\", \"data\": [%s, %s]}",
                "[%s, %s]",
                "%s\n%s\n",
                "{\"header\": {\"dataset\": \"x\"}}\n%s\n%s\n"
            })
    void theFormatsThatTheStagesReadAreReadToo(String layout) throws IOException {
        assertThat(run()).isZero();
        String expected = out;
        String q1 =
                "{\"id\": \"q1\", \"context\": \"Oslo\", \"question\": \"?\", \"answers\": {\"text\": [\"Oslo\"], \"answer_start\": [0]}}";
        String q2 =
                "{\"context\": \"Oslo\", \"qas\": [{\"qid\": \"q2\", \"question\": \"?\", \"answers\": [], \"detected_answers\": []}]}";
        write("data.json", layout.formatted(q1, q2));

        assertThat(run()).as(err).isZero();
        assertThat(out).isEqualTo(expected);

        data = folder.resolve("data.jsonl.gz");
        try (OutputStream zipped = new GZIPOutputStream(Files.newOutputStream(data))) {
            zipped.write(layout.formatted(q1, q2).getBytes(StandardCharsets.UTF_8));
        }
        assertThat(run()).as(err).isZero();
        assertThat(out).isEqualTo(expected);
    }

    @Test
    void questionsWithoutKnownAnswersAndOtherFormatsAreRefusedByName() throws IOException {
        write("data.json", "[{\"id\": \"q1\", \"context\": \"Oslo\", \"question\": \"?\"}]");
        assertThat(run()).isEqualTo(1);
        assertThat(err).contains("data.json: question q1 has no answers, not even an empty list");

        write("data.json", "{\"q1\": \"Oslo\"}");
        assertThat(run()).isEqualTo(1);
        assertThat(err).contains("data.json: data: expected an array, but found nothing", "JSON lines");

        data = write("data.parquet", "PAR1");
        assertThat(run()).isEqualTo(1);
        assertThat(err).contains("data.parquet: Parquet is read by the stages", "set it as data.dev");
    }

    @Test
    void controlCharactersOfTheFilesDoNotReachTheTerminal() throws IOException {
        write("predictions.json", "{\"q1\\u001b[31m\": null}");
        assertThat(run()).isEqualTo(1);
        assertThat(err).contains("q1?[31m");
    }

    @Test
    void anUnknownOptionIsWrongUse() {
        assertThat(run("--threshold", "1")).isEqualTo(2);
    }

    @Test
    void aStagesCommandLineIsNotTheScripts() {
        assertThat(OfficialScript.isMeantBy("dev.json", "pred.json", "-t", "0.5"))
                .isTrue();
        assertThat(OfficialScript.isMeantBy("-t", "0.5", "dev.json", "pred.json"))
                .isTrue();
        assertThat(OfficialScript.isMeantBy("conf/demo.conf", "data.dev=dev.json", "data.more.x=x.json"))
                .isFalse();
        assertThat(OfficialScript.isMeantBy("--help", "a\0b")).isFalse();
    }

    private int run(String... options) {
        ByteArrayOutputStream outBytes = new ByteArrayOutputStream();
        ByteArrayOutputStream errBytes = new ByteArrayOutputStream();
        List<String> commandLine = new ArrayList<>(List.of(data.toString(), predictions.toString()));
        commandLine.addAll(Arrays.asList(options));
        int code = new OfficialScript()
                .run(
                        new PrintStream(outBytes, true, StandardCharsets.UTF_8),
                        new PrintStream(errBytes, true, StandardCharsets.UTF_8),
                        commandLine.toArray(String[]::new));
        out = outBytes.toString(StandardCharsets.UTF_8);
        err = errBytes.toString(StandardCharsets.UTF_8);
        return code;
    }

    private Path write(String name, String text) throws IOException {
        return Files.writeString(folder.resolve(name), text);
    }
}
