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
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The jar as a dependency of another Maven project, the one in src/it. */
class LibraryIT {
    private static final Path EXAMPLE = Script.PROJECT.resolve("src/it/answers");
    private static final String QUESTION = "Who ran the mill?";
    private static final String CONTEXT = "The miller ran the mill by the river.";

    @TempDir
    Path folder;

    @Test
    void aProjectThatDependsOnTheJarAndBringsSparkBuildsAndAnswers() throws Exception {
        Path model = TinyModel.write(folder.resolve("model"));
        Files.write(model.resolve(Calibration.FILE), new Calibration(1e9, "model", "dev", 1, 50).toJson());
        Experiment settings = ExperimentReader.ofModelFolder(model, Map.of());
        ServingProperties.write(model, settings);
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
        try (Running maven = new Running(copy, environment, command);
                QuestionAnswerer answerer = QuestionAnswerer.open(model, QuestionAnswerer.Settings.of(settings))) {
            String answer = answerer.answer(List.of(new Question(QUESTION, CONTEXT)))
                    .get(0)
                    .text();
            Script ended = maven.end();
            assertThat(ended.code()).as(ended.out() + ended.err()).isZero();
            assertThat(answer).isNotEmpty();
            assertThat(ended.out())
                    .contains("Spark ML: " + answer + "\n", "Spark SQL: " + answer + "\n", "DJL: " + answer + "\n");
        }
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
