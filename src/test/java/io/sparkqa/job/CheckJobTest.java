package io.sparkqa.job;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
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
        assertThat(check.out()).isEqualTo("check: data and model are on this machine\n");
        assertThat(folder.resolve("run/experiment.conf")).doesNotExist();
    }

    @Test
    void aNameThatTheLocaleCanNotExpressIsNamedWithTheRemedy() throws Exception {
        Path named = Files.writeString(folder.resolve("named.conf"), "run.dir = r, data.dev = Zoë.json");
        for (String conf : List.of("Zoë.conf", named.toString())) {
            List<String> java = List.of(
                    Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                    "-cp",
                    System.getProperty("java.class.path"),
                    CheckJob.class.getName(),
                    conf);
            try (Running running = new Running(folder, Map.of("LC_ALL", "C"), java)) {
                Script check = running.end();
                assertThat(check.code()).as(check.err()).isEqualTo(2);
                assertThat(check.err())
                        .contains("check: ", "a name that Java can't use in this locale", "set LC_ALL=C.UTF-8")
                        .hasLineCount(1);
            }
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
