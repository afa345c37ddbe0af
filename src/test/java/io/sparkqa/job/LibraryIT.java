package io.sparkqa.job;

import static org.assertj.core.api.Assertions.assertThat;

import io.sparkqa.config.Experiment;
import io.sparkqa.config.ExperimentReader;
import io.sparkqa.decode.Calibration;
import io.sparkqa.decode.QuestionAnswerer;
import io.sparkqa.decode.QuestionAnswerer.Question;
import io.sparkqa.djl.ServingProperties;
import io.sparkqa.model.TinyModel;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The jar in programs of others: in the Maven project in src/it, and in spark-sql. */
class LibraryIT {
    private static final Path EXAMPLE = Script.PROJECT.resolve("src/it/answers");
    private static final String QUESTION = "Who ran the mill?";
    private static final String CONTEXT = "The miller ran the mill by the river.";

    @TempDir
    Path folder;

    private Path model;
    private String answer;

    @BeforeEach
    void aModelThatAnswers() throws Exception {
        model = TinyModel.write(folder.resolve("model"));
        Files.write(model.resolve(Calibration.FILE), new Calibration(1e9, "model", "dev", 1, 50).toJson());
        Experiment settings = ExperimentReader.ofModelFolder(model, Map.of());
        ServingProperties.write(model, settings);
        try (QuestionAnswerer answerer = QuestionAnswerer.open(model, QuestionAnswerer.Settings.of(settings))) {
            answer = answerer.answer(List.of(new Question(QUESTION, CONTEXT)))
                    .get(0)
                    .text();
        }
        assertThat(answer).isNotEmpty();
    }

    @Test
    void aProjectThatDependsOnTheJarAndBringsSparkBuildsAndAnswers() throws Exception {
        Path copy = Files.createDirectories(folder.resolve("answers"));
        copy(EXAMPLE, copy);

        List<String> command = List.of(
                "mvn",
                "-B",
                "-q",
                "-Dstyle.color=never",
                "-Dmaven.repo.local=" + repository(),
                "compile",
                "exec:exec",
                "-Dmodel=" + model,
                "-Dquestion=" + QUESTION,
                "-Dcontext=" + CONTEXT);
        Map<String, String> environment = Map.of(
                "SPARK_LOCAL_IP", "127.0.0.1", "OPT_OUT_TRACKING", "true", "JAVA_TOOL_OPTIONS", Script.BRIEF_JVM);
        try (Running maven = new Running(copy, environment, command)) {
            Script ended = maven.end();
            assertThat(ended.code()).as(ended.out() + ended.err()).isZero();
            assertThat(ended.out())
                    .contains("Spark ML: " + answer + "\n", "Spark SQL: " + answer + "\n", "DJL: " + answer + "\n");
        }
    }

    @Test
    void sparkSqlAnswersTheQuestionsOfAnArrowTableAndLeavesNothingBehind() throws Exception {
        Path table = folder.resolve("table");
        String sql =
                """
                INSERT OVERWRITE DIRECTORY '%1$s' USING arrow SELECT 7 AS ticket, '%2$s' AS question, '%3$s' AS context;
                SELECT ticket, answer(question, context).text FROM arrow.`%1$s`
                """
                        .formatted(table, QUESTION, CONTEXT);
        List<String> command = List.of(
                Script.PROJECT.resolve("target/spark/bin/spark-sql").toString(),
                "--driver-class-path",
                Script.PROJECT.resolve("target/spark-qa.jar") + ":" + Script.PROJECT.resolve("target/lib/*"),
                "--conf",
                "spark.sql.extensions=io.sparkqa.spark.AnswerExtensions",
                "--conf",
                "spark.sparkqa.modelFolder=" + model,
                "--conf",
                "spark.ui.enabled=false",
                "-e",
                sql);
        Map<String, String> environment = Map.of(
                "SPARK_LOCAL_IP", "127.0.0.1", "OPT_OUT_TRACKING", "true", "SPARK_SUBMIT_OPTS", Script.BRIEF_JVM);
        Path elsewhere = Files.createDirectories(folder.resolve("else where"));
        try (Running running = new Running(elsewhere, environment, command)) {
            Script ended = running.end();
            assertThat(ended.out()).as(ended.err()).isEqualTo("7\t" + answer + "\n");
            assertThat(ended.code()).isZero();
        }
        assertThat(elsewhere).isEmptyDirectory();
    }

    /**
     * Returns a local repository as mvn install leaves one. It has the jar and the pom; all else are links into the
     * repository of this build, which stays as it was but for libraries that the example downloads.
     */
    private Path repository() throws IOException {
        Path real = Path.of(System.getProperty("localRepository", System.getProperty("user.home") + "/.m2/repository"));
        Path repository = Files.createDirectories(folder.resolve("repository"));
        link(real, repository, "io");
        link(real.resolve("io"), Files.createDirectories(repository.resolve("io")), "sparkqa");
        Path ours = Files.createDirectories(repository.resolve("io/sparkqa/spark-qa/0.1.0"));
        Files.copy(Script.PROJECT.resolve("pom.xml"), ours.resolve("spark-qa-0.1.0.pom"));
        Files.copy(Script.PROJECT.resolve("target/spark-qa.jar"), ours.resolve("spark-qa-0.1.0.jar"));
        return repository;
    }

    private static void link(Path from, Path to, String except) throws IOException {
        try (Stream<Path> entries = Files.list(from)) {
            for (Path entry : entries.toList()) {
                if (!entry.getFileName().toString().equals(except)) {
                    Files.createSymbolicLink(to.resolve(entry.getFileName()), entry);
                }
            }
        }
    }

    private static void copy(Path from, Path to) throws IOException {
        try (Stream<Path> files = Files.walk(from)) {
            for (Path file : files.filter(Files::isRegularFile).toList()) {
                Path target = to.resolve(from.relativize(file));
                Files.createDirectories(target.getParent());
                Files.copy(file, target);
            }
        }
    }
}
