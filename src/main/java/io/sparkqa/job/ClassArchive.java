package io.sparkqa.job;

import io.sparkqa.config.Experiment;
import io.sparkqa.config.ExperimentReader;
import io.sparkqa.files.Trees;
import io.sparkqa.run.LogFile;
import io.sparkqa.spark.SessionStart;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import picocli.CommandLine.Command;

/**
 * Loads the classes that stages need to start, by small queries. {@code jobs/submit} runs it once after a build in a JVM that
 * writes the loaded classes into an archive ({@code -XX:ArchiveClassesAtExit}), which later JVMs map into memory instead of
 * reading and verifying jars.
 */
@Command(name = "class-archive", hidden = true, description = "Loads the classes that stages need to start.")
public final class ClassArchive extends Tool {
    public static void main(String[] arguments) {
        System.exit(new ClassArchive().run(arguments));
    }

    @Override
    int execute() throws IOException {
        Path folder = Files.createTempDirectory("spark-qa-");
        Experiment experiment = ExperimentReader.of(Map.of("run.dir", folder.toString()));
        try (LogFile log = LogFile.open(folder.resolve("log"));
                SparkSession spark = SessionStart.of("class archive", experiment, Optional.of(folder))) {
            Path table = folder.resolve("table");
            spark.range(20)
                    .selectExpr("id", "id % 3 AS part", "struct(id AS a, array(id) AS b) AS nested", "'text' AS text")
                    .write()
                    .parquet(table.toString());
            Path lines = Files.writeString(folder.resolve("lines.json"), "{\"a\": 1.5, \"b\": \"x\"}\n");
            spark.read().json(lines.toString()).createOrReplaceTempView("lines");
            spark.read().parquet(table.toString()).createOrReplaceTempView("numbers");
            Stream.of(
                            "SELECT count(*) FROM numbers",
                            "SELECT part, avg(id), max(text), first(nested.b[0]) FROM numbers GROUP BY part ORDER BY part",
                            "SELECT id, lag(id) OVER (ORDER BY id) FROM numbers WHERE id > 3 LIMIT 5",
                            "SELECT n.id, lines.b FROM numbers n JOIN lines ON n.part = lines.a ORDER BY n.id")
                    .map(spark::sql)
                    .forEach(Dataset<Row>::collectAsList);
        }
        Trees.delete(folder);
        return DONE;
    }
}
