package io.sparkqa.job;

import static org.assertj.core.api.Assertions.assertThat;

import io.sparkqa.files.FileUri;
import io.sparkqa.run.RunFolder;
import io.sparkqa.run.SqlTables;
import io.sparkqa.run.StageRun;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine.Command;

/** Runs the queries that come with the project over a run of five questions. */
class SqlQueriesTest {
    private static final Path QUERIES = Path.of("jobs/sql");

    private static final Map<String, List<Row>> RESULTS = new TreeMap<>();

    @TempDir
    static Path folder;

    /** Makes every table of a run and runs every query over them. */
    @Command(name = "sql", description = "All queries.")
    static class AllQueriesJob extends Stage {
        @Override
        protected void work(StageRun run) throws Exception {
            RunFolder place = run.folder();
            SparkSession spark = run.spark();
            table(
                    run,
                    "parquet",
                    place.examples("dev"),
                    """
                    SELECT id AS example_index, concat('q', id) AS id, 'A title' AS title, 'It was the red one.' AS context,
                           if(id = 0, 'Who is it?', 'In which year?') AS question, id > 3 AS is_impossible,
                           if(id > 3, array(), array(named_struct('text', 'the red one', 'answer_start', 7))) AS answers
                    FROM range(5)""");
            table(
                    run,
                    "arrow",
                    place.windows("dev"),
                    """
                    SELECT id AS example_index, concat('q', id) AS example_id, 0 AS window, array(0, 5, 2) AS input_ids,
                           CAST(if(id > 3, 0, 1) AS INT) AS end_position
                    FROM range(5)""");
            table(
                    run,
                    "parquet",
                    place.answers("dev"),
                    """
                    SELECT id AS example_index, concat('q', id) AS id, 'red one' AS text, CAST(0 AS FLOAT) AS null_odds,
                           if(id = 0, '', 'red one') AS prediction,
                           array(named_struct('text', '', 'probability', 0.5, 'start', 0),
                                 named_struct('text', 'Red one!', 'probability', 0.3, 'start', 7)) AS n_best
                    FROM range(5)""");
            table(
                    run,
                    "parquet",
                    place.scores("dev"),
                    """
                    SELECT id AS example_index, concat('q', id) AS id, if(id = 4, 0D, 1D) AS exact, if(id = 4, 0D, 1D) AS f1,
                           id > 0 AS answered, id < 4 AS has_answer, CAST(id AS FLOAT) AS null_odds
                    FROM range(5)""");
            text(
                    run,
                    place.trainLog(),
                    """
                    {"event":"step","step":1,"epoch":0.1,"loss":2.5,"lr":1e-5,"grad_norm":1.0,"tokens_per_second":9,"step_ms":7,"input_wait_ms":0.1,"resident_mb":512.5}
                    {"event":"evaluation","step":1,"epoch":0.1,"dev_loss":2.4}
                    """);
            text(
                    run,
                    place.metricsByKind("dev"),
                    "[{\"kind\": \"seen\", \"exact\": 50.0, \"f1\": 60.0, \"total\": 5}]");
            SqlTables tables = new SqlTables(spark, List.of(place));
            try (Stream<Path> files = Files.list(QUERIES)) {
                for (Path file : (Iterable<Path>) files.sorted()::iterator) {
                    RESULTS.put(
                            file.getFileName().toString(),
                            tables.query(Files.readString(file)).collectAsList());
                }
            }
        }

        private static void table(StageRun run, String format, Path place, String query) throws Exception {
            make(
                    run,
                    place,
                    staging -> run.spark().sql(query).write().format(format).save(FileUri.of(staging)));
        }

        private static void text(StageRun run, Path place, String text) throws Exception {
            make(run, place, staging -> {
                try {
                    Files.writeString(staging, text);
                } catch (IOException e) {
                    throw new UncheckedIOException(e);
                }
            });
        }

        private static void make(StageRun run, Path place, Consumer<Path> writer) throws Exception {
            String name = run.folder().root().relativize(place).toString().replace('/', '-');
            run.step(name).makes(place).by(staging -> {
                writer.accept(staging.apply(place));
                return "made";
            });
        }
    }

    @BeforeAll
    static void allQueriesRun() throws IOException {
        Path conf = Files.writeString(folder.resolve("mine.conf"), "run.dir = \"" + folder.resolve("run") + "\"");
        StageOutput output = StageOutput.of(
                new AllQueriesJob(),
                conf.toString(),
                "--master",
                "local[1]",
                "spark.ui.enabled=false",
                "spark.sql.shuffle.partitions=1");
        assertThat(output.err()).isEmpty();
    }

    @Test
    void everyQuerySaysInItsFirstLineWhatItTells() throws IOException {
        try (Stream<Path> files = Files.list(QUERIES)) {
            assertThat(files).hasSizeGreaterThanOrEqualTo(12).allSatisfy(file -> assertThat(Files.readString(file))
                    .startsWith("-- "));
        }
    }

    @Test
    void everyQueryFindsRows() {
        assertThat(RESULTS).allSatisfy((query, rows) -> assertThat(rows).isNotEmpty());
    }

    @Test
    void questionWordsAreFoundWhereverTheyStand() {
        assertThat(RESULTS.get("by-question-word.sql"))
                .extracting(row -> row.getString(1) + " " + row.getLong(2))
                .containsExactly("which 4", "who 1");
    }

    @Test
    void theRightAnswerIsRecognisedAsTheOfficialScriptDoes() {
        assertThat(RESULTS.get("n-best-recall.sql"))
                .extracting(row -> row.get(1) + ": " + row.get(2))
                .startsWith("1: 0.0", "2: 100.0");
    }

    @Test
    void errorsOfTheModelAreTheOnesWithoutAnyWordInCommon() {
        assertThat(RESULTS.get("confident-errors.sql"))
                .extracting(row -> row.getAs("id"))
                .containsExactly("q4");
    }
}
