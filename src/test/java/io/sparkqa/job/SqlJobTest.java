package io.sparkqa.job;

import static org.assertj.core.api.Assertions.assertThat;

import io.sparkqa.files.FileUri;
import io.sparkqa.run.StageRun;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.apache.spark.sql.SparkSession;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine.Command;

class SqlJobTest {
    private static final String[] QUIET = {
        "--master", "local[1]", "spark.ui.enabled=false", "spark.sql.shuffle.partitions=1"
    };

    @TempDir
    static Path folder;

    private static Path conf;

    /** Makes examples of two splits, the second of which it does not complete. */
    @Command(name = "preprocess", description = "Two questions.")
    static class TwoQuestionsJob extends Stage {
        @Override
        protected void work(StageRun run) throws Exception {
            Path place = run.folder().examples("dev");
            run.step("examples-dev").makes(place).by(staging -> {
                write(run.spark(), staging.apply(place));
                return "2 questions";
            });
            write(run.spark(), run.folder().examples("torn"));
        }

        private static void write(SparkSession spark, Path place) {
            spark.sql("SELECT 0L AS example_index, 'Who, \"me\"?' AS question, array('a', 'b') AS answers"
                            + " UNION ALL SELECT 1L, 'What?', NULL")
                    .write()
                    .parquet(FileUri.of(place));
        }
    }

    @BeforeAll
    static void aRun() throws IOException {
        conf = Files.writeString(
                folder.resolve("mine.conf"), "run.dir = \"" + folder.resolve("my [1] {a,b}*? run") + "\"");
        assertThat(stage(new TwoQuestionsJob()).code()).isZero();
    }

    private static StageOutput stage(Stage stage, String... arguments) {
        String[] commandLine = new String[1 + QUIET.length + arguments.length];
        commandLine[0] = conf.toString();
        System.arraycopy(QUIET, 0, commandLine, 1, QUIET.length);
        System.arraycopy(arguments, 0, commandLine, 1 + QUIET.length, arguments.length);
        return StageOutput.of(stage, commandLine);
    }

    private static StageOutput sql(String... arguments) {
        return stage(new SqlJob(), arguments);
    }

    @Test
    void aTableAlignsNumbersToTheRightAndTextToTheLeft() {
        StageOutput output = sql("SELECT example_index, question, answers, split FROM examples ORDER BY 1");
        assertThat(output.err()).isEmpty();
        assertThat(output.out())
                .isEqualTo(
                        """
                        example_index  question    answers  split
                                    0  Who, "me"?  [a, b]   dev
                                    1  What?                dev
                        """);
    }

    @Test
    void controlCharactersOfDataDoNotReachTheTerminal() {
        assertThat(sql("SELECT concat('a', char(27), '[31m', char(13), 'b') AS a, stale FROM examples LIMIT 1")
                        .out())
                .isEqualTo("a        stale\na?[31m?b  false\n".replace("a        stale", "a         stale"));
    }

    @Test
    void csvQuotesOnlyTheCellsThatNeedIt() {
        assertThat(sql("--format", "csv", "SELECT question, example_index FROM examples ORDER BY 2")
                        .out())
                .isEqualTo("question,example_index\n\"Who, \"\"me\"\"?\",0\nWhat?,1\n");
    }

    @Test
    void jsonHasOneLinePerRow() {
        assertThat(sql("--format=json", "SELECT example_index, answers FROM examples ORDER BY 1")
                        .out())
                .isEqualTo("{\"example_index\":0,\"answers\":[\"a\",\"b\"]}\n{\"example_index\":1}\n");
    }

    @Test
    void theQueryMayBeInAFileAndEndWithASemicolon() throws IOException {
        Path file =
                Files.writeString(folder.resolve("a query.sql"), "-- How many.\nSELECT count(*) AS n FROM examples;\n");
        assertThat(sql("--format", "csv", file.toString()).out()).isEqualTo("n\n2\n");
    }

    @Test
    void columnsMayShareAName() {
        assertThat(sql("--format", "csv", "SELECT 1 AS a, 2 AS a").out()).isEqualTo("a,a\n1,2\n");
    }

    @Test
    void aMissingTableIsNamedWithItsStage() {
        StageOutput output = sql("SELECT * FROM answers");
        assertThat(output.code()).isEqualTo(1);
        assertThat(output.err())
                .contains("has no table answers yet; run jobs/decode.sh")
                .hasLineCount(1);
    }

    @Test
    void anUnknownTableOrColumnAndBrokenSyntaxGiveOneMessage() {
        assertThat(sql("SELECT * FROM exampels").err()).contains("no table exampels; did you mean examples?");
        assertThat(sql("SELECT nothing FROM examples").err()).contains("the query can't be run", "nothing");
        assertThat(sql("SELEKT 1").err()).contains("the query can't be run", "SELEKT");
    }

    @Test
    void wrongUseEndsWithTwo() {
        assertThat(sql().code()).isEqualTo(2);
        assertThat(sql("SELECT 1", "SELECT 2").code()).isEqualTo(2);
        StageOutput output = sql("--format", "jsn", "SELECT 1");
        assertThat(output.code()).isEqualTo(2);
        assertThat(output.err()).contains("did you mean json?");
    }

    @Test
    void aNonexistentRunFolderIsNotMade() {
        Path none = folder.resolve("none");
        StageOutput output = sql("run.dir=" + none, "SELECT 1");
        assertThat(output.code()).isEqualTo(1);
        assertThat(output.err()).contains("no such run folder");
        assertThat(none).doesNotExist();
    }
}
