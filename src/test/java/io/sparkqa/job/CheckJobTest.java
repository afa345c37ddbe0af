package io.sparkqa.job;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CheckJobTest {
    @TempDir
    Path folder;

    private Path conf;

    @BeforeEach
    void questionsButNoModel() throws IOException {
        Path questions = Files.writeString(folder.resolve("questions.json"), "{}");
        conf = Files.writeString(
                folder.resolve("my.conf"),
                "run.dir = \"%s\"\ndata.train = \"%s\"\n".formatted(folder.resolve("run"), questions));
    }

    @Test
    void allMissingInputsAreNamedAtOnce() {
        StageOutput check = StageOutput.of(
                new CheckJob(), conf.toString(), "data.dev=no.json", "model.config=y", "model.from=no/model");
        assertThat(check.code()).isEqualTo(1);
        assertThat(check.err())
                .contains(
                        "no.json: no such file",
                        "y: no such file",
                        "no/model is not in the cache",
                        "jobs/fetch.sh " + conf)
                .doesNotContain("data.train");
    }

    @Test
    void aCheckLeavesTheSettingsOfTheRunAsTheyAre() {
        StageOutput check = StageOutput.of(new CheckJob(), conf.toString());
        assertThat(check.code()).as(check.err()).isZero();
        assertThat(check.out())
                .startsWith("check: data and model are on this machine\ncheck: device cpu")
                .contains(", libtorch 2.7.1 for CPUs")
                .hasLineCount(2);
        assertThat(folder.resolve("run/experiment.conf")).doesNotExist();
    }

    @Test
    void aNameThatTheLocaleCanNotExpressIsNamedWithTheRemedy() throws Exception {
        Path named = Files.writeString(folder.resolve("named.conf"), "run.dir = r, data.dev = Zoë.json");
        for (String conf : List.of("Zoë.conf", named.toString())) {
            Script check = process(Map.of("LC_ALL", "C"), conf);
            assertThat(check.code()).as(check.err()).isEqualTo(2);
            assertThat(check.err())
                    .contains("check: ", "a name that Java can't use in this locale", "set LC_ALL=C.UTF-8")
                    .hasLineCount(1);
        }
    }

    @Test
    void gpusOfASlurmJobThatCanNotBeUsedAreRefusedUnlessTheCpuIsAskedFor() throws Exception {
        Map<String, String> job = Map.of("SLURM_JOB_ID", "7", "SLURM_JOB_GPUS", "0,1");

        Script refused = process(job, conf.toString());
        assertThat(refused.code()).as(refused.out()).isEqualTo(2);
        assertThat(refused.err().lines().filter(line -> line.startsWith("check: ")))
                .singleElement()
                .asString()
                .contains(
                        "SLURM gives this job GPUs (SLURM_JOB_GPUS=0,1)",
                        "libtorch 2.7.1 for CPUs has no CUDA",
                        "torch==2.7.1",
                        "train.device=cpu");

        Script onCpu = process(job, conf.toString(), "train.device=cpu");
        assertThat(onCpu.code()).as(onCpu.err()).isZero();
        assertThat(onCpu.out()).contains("check: device cpu, libtorch 2.7.1 for CPUs\n");
    }

    @Test
    void aLibtorchOfAnotherVersionIsRefusedWithBothVersions() throws Exception {
        Files.createDirectories(folder.resolve("torch/lib"));
        Files.createFile(folder.resolve("torch/lib/libtorch.so"));
        Files.writeString(folder.resolve("torch/version.py"), "__version__ = '2.11.0+cu130'\n");

        Script check = process(
                Map.of("PYTORCH_LIBRARY_PATH", folder.resolve("torch/lib").toString()), conf.toString());

        assertThat(check.code()).isEqualTo(2);
        assertThat(check.err())
                .contains("torch/lib holds libtorch 2.11.0+cu130", "needs libtorch 2.7.1")
                .hasLineCount(1);
    }

    private Script process(Map<String, String> environment, String... arguments) throws Exception {
        List<String> java = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-cp",
                System.getProperty("java.class.path"),
                CheckJob.class.getName()));
        java.addAll(List.of(arguments));
        try (Running running = new Running(folder, environment, java)) {
            return running.end();
        }
    }

    @Test
    void aNameWithTheCharacterNulIsRefused() throws IOException {
        Files.writeString(conf, "\ndata.dev = \"a\\u0000b\"", StandardOpenOption.APPEND);
        StageOutput check = StageOutput.of(new CheckJob(), conf.toString());
        assertThat(check.code()).isEqualTo(2);
        assertThat(check.err()).contains("a?b: a name of a file can't contain the character NUL");
    }
}
