package io.sparkqa.spark;

import static org.assertj.core.api.Assertions.assertThat;

import io.sparkqa.Pages;
import io.sparkqa.TestSpark;
import io.sparkqa.model.TinyModel;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import javax.tools.ToolProvider;
import org.apache.spark.sql.SparkSession;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Compiles and runs the pipeline in docs/user-guide.md. */
class GuidePipelineTest {
    private static final SparkSession SPARK = TestSpark.session();

    @TempDir
    Path folder;

    @Test
    void thePipelineOfTheGuideTrainsAndAnswers() throws Exception {
        TinyModel.write(folder.resolve("start-model"));
        SPARK.sql(
                        "SELECT 'Who runs?' AS question, 'The ant runs.' AS context, array(named_struct('text', 'ant', 'answer_start', 4)) AS answers")
                .write()
                .parquet(folder.resolve("train.parquet").toString());
        SPARK.sql("SELECT 7 AS ticket, 'Who runs?' AS question, 'The bee runs.' AS context")
                .write()
                .parquet(folder.resolve("tickets.parquet").toString());

        run(pipeline());

        assertThat(RobertaQuestionAnsweringModel.load(folder.resolve("pipeline/stages")
                        .toFile()
                        .listFiles()[0]
                        .toString()))
                .isNotNull();
    }

    /** Returns the guide's block with its files and folders moved to the test's folder. */
    private String pipeline() {
        String block = Pages.fences().stream()
                .filter(fence -> fence.language().equals("java") && fence.text().contains("RobertaQuestionAnswering"))
                .findFirst()
                .orElseThrow()
                .text();
        for (String name : new String[] {"train.parquet", "start-model", "models", "pipeline", "tickets.parquet"}) {
            block = block.replace("\"" + name + "\"", "\"" + folder.resolve(name) + "\"");
        }
        return block;
    }

    private void run(String block) throws Exception {
        Path source = Files.writeString(
                folder.resolve("Guide.java"),
                """
                import io.sparkqa.spark.*;
                import org.apache.spark.ml.*;
                import org.apache.spark.sql.*;
                public class Guide {
                    public static void run(SparkSession spark) throws Exception {
                        %s
                    }
                }
                """
                        .formatted(block));
        int code = ToolProvider.getSystemJavaCompiler()
                .run(
                        null,
                        null,
                        null,
                        "-proc:none",
                        "-cp",
                        System.getProperty("java.class.path"),
                        "-d",
                        folder.toString(),
                        source.toString());
        assertThat(code).isZero();
        try (URLClassLoader loader =
                new URLClassLoader(new URL[] {folder.toUri().toURL()})) {
            loader.loadClass("Guide").getMethod("run", SparkSession.class).invoke(null, SPARK);
        }
    }
}
