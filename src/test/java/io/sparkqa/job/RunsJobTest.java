package io.sparkqa.job;

import static org.assertj.core.api.Assertions.assertThat;

import io.sparkqa.Mutations;
import io.sparkqa.config.UserError;
import io.sparkqa.run.RunSummary;
import io.sparkqa.run.StageRun;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine.Command;

class RunsJobTest {
    @TempDir
    Path folder;

    private String out;
    private String err;

    /** Makes what its setting names: metrics, a checkpoint or a failure. */
    @Command(name = "evaluate", description = "Makes metrics.")
    static class MadeUpMetrics extends Stage {
        @Override
        protected void work(StageRun run) throws Exception {
            if (run.experiment().train().lr() > 0.1) {
                throw new UserError("the loss is NaN");
            }
            run.step("evaluate-dev").makes(run.folder().metrics("dev")).by(staging -> {
                Files.writeString(staging.apply(run.folder().metrics("dev")), "{\"exact\": 61.5, \"f1\": 67.25}");
                return "made up";
            });
        }
    }

    @Test
    void runsAreListedWithScoresStateAndTheSettingsThatDiffer() throws IOException {
        begin("plain", "train.lr=1e-4", "train.seed=1");
        begin("other", "train.lr=2e-4", "train.seed=1");
        begin("broken", "train.lr=0.5", "train.seed=1");
        Files.createDirectories(folder.resolve("runs/half/checkpoints/step-0000120"));
        Files.createDirectories(folder.resolve("runs/half/checkpoints/step-0000060"));
        Files.createDirectories(folder.resolve("runs/photos"));
        begin("spoilt", "train.lr=1e-4", "train.seed=1");
        Files.writeString(folder.resolve("runs/spoilt/metrics.json"), "{\"exact\":");

        assertThat(list("runs")).isZero();

        List<String> lines = out.lines().toList();
        assertThat(lines).hasSize(6);
        assertThat(lines.get(0)).contains("F1").contains("train.lr").doesNotContain("train.seed");
        assertThat(line("plain"))
                .contains("61.50")
                .contains("67.25")
                .contains("done")
                .endsWith("1.0E-4");
        assertThat(line("other")).endsWith("2.0E-4");
        assertThat(line("half")).contains("resumable at step 120");
        assertThat(line("broken")).contains("failed: evaluate: the loss is NaN");
        assertThat(line("spoilt")).contains("unreadable: metrics.json");
    }

    /** Makes answers and their metrics, or the answers alone. */
    @Command(name = "evaluate", description = "Makes answers and metrics.")
    static class MadeUpAnswers extends Stage {
        @Override
        protected void work(StageRun run) throws Exception {
            Path answers = run.folder().predictions("dev");
            run.step("decode-dev").settings("train.seed").makes(answers).by(staging -> {
                Files.writeString(staging.apply(answers), run.settings().get("train.seed"));
                return "made up";
            });
            if (run.experiment().train().seed() == 1) {
                run.step("evaluate-dev")
                        .reads(answers)
                        .makes(run.folder().metrics("dev"))
                        .by(staging -> {
                            Files.writeString(staging.apply(run.folder().metrics("dev")), "{\"f1\": 67.25}");
                            return "made up";
                        });
            }
        }
    }

    @Test
    void scoresOfEarlierAnswersAreCalledStale() throws IOException {
        for (String seed : List.of("1", "2")) {
            Path conf = folder.resolve("a.conf");
            StageOutput.of(
                    new MadeUpAnswers(),
                    Files.writeString(conf, "").toString(),
                    "run.dir=" + folder.resolve("runs/a"),
                    "train.seed=" + seed);
        }

        assertThat(list("runs")).isZero();
        assertThat(line("a")).contains("done, stale: predictions.json was made again");
    }

    @Test
    void anyHistoryIsListed() throws Exception {
        begin("plain", "train.lr=1e-4");
        Path history = folder.resolve("runs/plain/stages.jsonl");
        Mutations.check(
                history,
                Files.readAllBytes(history),
                Mutations::json,
                mutated -> RunSummary.in(folder.resolve("runs")));
    }

    @Test
    void aFolderWithoutRunsIsReportedAndAMissingFolderRefused() throws IOException {
        Files.createDirectories(folder.resolve("empty"));

        assertThat(list("empty")).isZero();
        assertThat(out).contains("holds no runs");
        assertThat(list("nowhere")).isEqualTo(1);
        assertThat(err).contains("nowhere: the folder does not exist");
    }

    private String line(String run) {
        return out.lines()
                .filter(line -> line.startsWith(run))
                .findFirst()
                .orElseThrow()
                .strip();
    }

    private void begin(String run, String... settings) throws IOException {
        Path conf = Files.writeString(folder.resolve(run + ".conf"), "");
        String[] arguments = new String[settings.length + 2];
        arguments[0] = conf.toString();
        arguments[1] = "run.dir=" + folder.resolve("runs").resolve(run);
        System.arraycopy(settings, 0, arguments, 2, settings.length);
        StageOutput.of(new MadeUpMetrics(), arguments);
    }

    private int list(String name) {
        ByteArrayOutputStream written = new ByteArrayOutputStream();
        ByteArrayOutputStream errors = new ByteArrayOutputStream();
        int code = new RunsJob()
                .run(
                        new PrintStream(written, true, StandardCharsets.UTF_8),
                        new PrintStream(errors, true, StandardCharsets.UTF_8),
                        folder.resolve(name).toString());
        out = written.toString(StandardCharsets.UTF_8);
        err = errors.toString(StandardCharsets.UTF_8);
        return code;
    }
}
