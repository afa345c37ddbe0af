package io.sparkqa.job;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Runs the scripts under jobs/ with the packaged application and the embedded Spark. */
class ScriptsIT {
    @TempDir
    Path folder;

    private Path elsewhere;

    @BeforeEach
    void aFolderWithSpaces() throws IOException {
        elsewhere = Files.createDirectories(folder.resolve("else where"));
    }

    @Test
    void aQueryRunsFromAnyFolderWithoutOutputOfSpark() throws Exception {
        Files.createDirectories(elsewhere.resolve("a run"));
        Files.writeString(elsewhere.resolve("my conf.conf"), "run.dir = a run");
        Script script = Script.run(
                elsewhere,
                Map.of(),
                "sql.sh",
                "my conf.conf",
                "spark.driver.memory=512m",
                "SELECT \"it's\" AS a, 1 AS b");
        assertThat(script.err()).isEmpty();
        assertThat(script.out()).isEqualTo("a     b\nit's  1\n");
        assertThat(script.code()).isZero();
        assertThat(elsewhere.resolve("a run/logs/sql.log")).content().contains("SparkContext");
        try (var files = Files.list(elsewhere)) {
            assertThat(files).hasSize(2);
        }
    }

    @Test
    void aFetchNeedsNoSpark() throws Exception {
        Path data = Files.writeString(elsewhere.resolve("dev.json"), "{}");
        Files.writeString(elsewhere.resolve("my.conf"), "run.dir = a run, data.dev = \"%s\"".formatted(data));
        Script script = Script.run(elsewhere, Map.of(), "fetch.sh", "my.conf");
        assertThat(script.err()).isEmpty();
        assertThat(script.out()).startsWith("fetch: nothing to fetch");
        assertThat(elsewhere.resolve("a run/logs/fetch.log")).content().doesNotContain("SparkContext");
    }

    @Test
    void aSparkHomeOfAnotherLineIsRefused() throws Exception {
        Files.createDirectories(elsewhere.resolve("jars"));
        Files.createFile(elsewhere.resolve("jars/spark-core_2.12-3.4.1.jar"));
        Script script =
                Script.run(elsewhere, Map.of("SPARK_HOME", elsewhere.toString()), "sql.sh", "x.conf", "SELECT 1");
        assertThat(script.code()).isEqualTo(1);
        assertThat(script.err())
                .contains("spark-core_2.12-3.4.1.jar", "Spark 3.5")
                .hasLineCount(1);
    }

    @Test
    void aSparkHomeWithoutSparkIsRefused() throws Exception {
        Script script = Script.run(folder, Map.of("SPARK_HOME", elsewhere.toString()), "sql.sh", "x.conf", "SELECT 1");
        assertThat(script.code()).isEqualTo(1);
        assertThat(script.err()).contains("holds no Spark").hasLineCount(1);
    }

    @Test
    void aSparkHomeOfTheRightLineIsUsed() throws Exception {
        Files.createDirectories(elsewhere.resolve("a run"));
        Files.writeString(elsewhere.resolve("my.conf"), "run.dir = a run");
        Path home = Files.createSymbolicLink(folder.resolve("my spark"), Script.PROJECT.resolve("target/spark"));
        Script script = Script.run(
                elsewhere,
                Map.of("SPARK_HOME", home.toString()),
                "sql.sh",
                "my.conf",
                "--format",
                "csv",
                "SELECT 1 AS a");
        assertThat(script.err()).isEmpty();
        assertThat(script.out()).isEqualTo("a\n1\n");
    }

    @Test
    void aMissingJavaIsReportedInOneSentence() throws Exception {
        Script script = Script.run(folder, Map.of("JAVA_HOME", elsewhere.toString()), "sql.sh", "x.conf", "SELECT 1");
        assertThat(script.code()).isEqualTo(1);
        assertThat(script.err()).contains("no Java found", "JDK 17").hasLineCount(1);
    }

    @Test
    void anOldJavaIsReportedInOneSentence() throws Exception {
        Path java = Files.createDirectories(elsewhere.resolve("bin")).resolve("java");
        Files.writeString(java, "#!/bin/sh\necho 'openjdk version \"11.0.2\" 2019-01-15' >&2\n");
        assertThat(java.toFile().setExecutable(true)).isTrue();
        Script script = Script.run(folder, Map.of("JAVA_HOME", elsewhere.toString()), "sql.sh", "x.conf", "SELECT 1");
        assertThat(script.code()).isEqualTo(1);
        assertThat(script.err()).contains("Java 11 found, 17 is needed").hasLineCount(1);
    }

    @Test
    void exitCodesComeThroughSparkSubmit() throws Exception {
        Script script = Script.run(elsewhere, Map.of(), "pipeline.sh", "none.conf");
        assertThat(script.code()).isEqualTo(2);
        assertThat(script.err())
                .contains("none.conf: no such configuration file")
                .hasLineCount(1);
        assertThat(Script.run(elsewhere, Map.of(), "pipeline.sh").code()).isEqualTo(2);
        assertThat(Script.run(elsewhere, Map.of(), "pipeline.sh", "--help").code())
                .isZero();
    }
}
