package io.sparkqa.job;

import static org.assertj.core.api.Assertions.assertThat;

import io.sparkqa.TestSpark;
import io.sparkqa.files.FileUri;
import io.sparkqa.files.Staging;
import io.sparkqa.run.SqlTables;
import io.sparkqa.run.StageRun;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.catalog.Table;
import org.jline.reader.Candidate;
import org.jline.reader.ParsedLine;
import org.jline.reader.Parser;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
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
    private static Path second;

    /** Makes the examples of two splits and leaves the second split incomplete. */
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

    /** A stage in a process of its own starts without views. These tests share a session, so this drops its views. */
    @BeforeEach
    void noViews() {
        SparkSession spark = TestSpark.session();
        for (Table table : spark.catalog().listTables().collectAsList()) {
            spark.catalog().dropTempView(table.name());
        }
    }

    @BeforeAll
    static void aRun() throws IOException {
        conf = Files.writeString(
                folder.resolve("mine.conf"), "run.dir = \"" + folder.resolve("my [1] {a,b}*? run") + "\"");
        second = folder.resolve("lr-2e-5");
        assertThat(stage(new TwoQuestionsJob()).code()).isZero();
        assertThat(stage(new TwoQuestionsJob(), "run.dir=" + second).code()).isZero();
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
        assertThat(sql("SELECT 1 AS `a\u001b`").out()).isEqualTo("a?\n 1\n");
        assertThat(sql("--format", "json", "SELECT char(155) AS a").out()).isEqualTo("{\"a\":\"\\u009b\"}\n");
        List<String> printed = new ArrayList<>();
        SqlJob.printable(printed::add).accept("a,\u001b[31m\"b\nc\"");
        assertThat(printed).containsExactly("a,?[31m\"b?c\"");
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
        assertThat(sql("SELECT questoin FROM examples").err())
                .contains(
                        "there is no column questoin here; the nearest are question, split",
                        "(line 1, character 8 of the query)")
                .hasLineCount(1);
        assertThat(sql("SELEKT 1").err()).contains("the query can't be run", "SELEKT");
    }

    @Test
    void severalRunsHaveTablesNamedAfterTheirFolders() {
        assertThat(sql(
                                second.toString(),
                                "--format",
                                "csv",
                                """
                                WITH b AS (SELECT example_index FROM LR_2e_5.examples)
                                SELECT lr_2e_5.examples.question, (SELECT count(*) FROM b) AS n
                                FROM my__1___a_b____run.examples AS a JOIN lr_2e_5.examples USING (example_index)
                                WHERE example_index IN (SELECT example_index FROM my__1___a_b____run.examples WHERE question = 'What?')""")
                        .out())
                .isEqualTo("question,n\nWhat?,2\n");
    }

    @Test
    void ofSeveralRunsATableWithoutItsRunIsRefusedWithTheNamesToWrite() {
        assertThat(sql(second.toString(), "SELECT * FROM examples").err())
                .contains("there are several runs: write my__1___a_b____run.examples or lr_2e_5.examples");
        assertThat(sql(second.toString(), "SELECT * FROM run3.examples").err())
                .contains("there is no run run3; the runs are my__1___a_b____run, lr_2e_5");
        assertThat(sql(second.toString(), "SELECT * FROM lr_2e_5.exampels").err())
                .contains("there is no table lr_2e_5.exampels; did you mean lr_2e_5.examples?");
    }

    @Test
    void aSingleRunsTablesMayBearItsNameAndAreDescribedAndExplained() {
        assertThat(sql("--format", "csv", "SELECT max(example_index) AS n FROM my__1___a_b____run.examples")
                        .out())
                .isEqualTo("n\n1\n");
        assertThat(sql("DESCRIBE examples").out()).contains("question").contains("stale");
        assertThat(sql(second.toString(), "DESCRIBE lr_2e_5.examples").out()).contains("question");
        assertThat(sql("EXPLAIN SELECT question FROM examples").out()).contains("FileScan");
        assertThat(sql("SHOW TABLES").out()).contains("examples");
    }

    @Test
    void aLongCellIsCutInATableOnly() {
        assertThat(sql("SELECT repeat('x', 90) AS a").out()).isEqualTo("a\n" + "x".repeat(79) + "…\n");
        assertThat(sql("--format", "csv", "SELECT repeat('x', 90) AS a").out())
                .isEqualTo("a\n" + "x".repeat(90) + "\n");
    }

    @Test
    void aFileGetsItsNameWhenTheResultIsCompleteAndItsNameTellsTheFormat() throws IOException {
        Path file = folder.resolve("result.jsonl");
        StageOutput failed = sql("--out", file.toString(), "SELECT raise_error('no') AS a FROM examples");
        assertThat(failed.code()).isEqualTo(1);
        assertThat(file).doesNotExist();
        assertThat(Staging.of(file)).doesNotExist();
        assertThat(sql("--out", file.toString(), "SELECT question FROM examples WHERE example_index = 1")
                        .out())
                .isEqualTo("sql: the result is in " + file + "\n");
        assertThat(file).hasContent("{\"question\":\"What?\"}");
    }

    @Test
    void aPipeHoldsStatementsThatEndWithASemicolon() {
        assertThat(piped("-- how many\nSELECT count(*) AS n\nFROM examples;\nSELECT 'a;b' AS c")
                        .out())
                .isEqualTo("n\n2\nc\na;b\n");
        StageOutput failed = piped("SELECT 1 AS a;\nSELECT x;\nSELECT 3 AS c;\n");
        assertThat(failed.code()).isEqualTo(1);
        assertThat(failed.out()).isEqualTo("a\n1\n");
    }

    private static StageOutput piped(String text) {
        return StandardInput.of(text, () -> sql("--format", "csv"));
    }

    /** Enters lines at the prompt and completes others. */
    @Command(name = "sql", description = "A conversation.")
    static class ConversationJob extends Stage {
        private final List<String> completed = new ArrayList<>();

        @Override
        protected boolean onlyReads() {
            return true;
        }

        @Override
        protected void work(StageRun run) {
            SqlTables tables = new SqlTables(run.spark(), List.of(run.folder()));
            SqlConversation conversation =
                    new SqlConversation(tables, RowFormat.TABLE, Optional.empty(), SqlJob.printable(run::say));
            conversation.reply("SELECT question FROM examples WHERE example_index = 1;");
            conversation.reply("SELECT raise_error('oops') FROM examples");
            conversation.reply("SELECT 1 +");
            conversation.reply(":frmat csv");
            conversation.reply(":format cs");
            conversation.reply(":format csv");
            conversation.reply(":out " + folder.resolve("next.csv"));
            conversation.reply("SELECT 1 AS a, 2 AS b");
            conversation.reply("SELECT 3 AS c, 4 AS d");
            conversation.reply(":tables");
            SqlCompleter completer = new SqlCompleter(tables);
            for (String line : List.of("SELECT avg(q", ":fo", ":format c")) {
                List<Candidate> candidates = new ArrayList<>();
                ParsedLine parsed = SqlCompleter.PARSER.parse(line, line.length(), Parser.ParseContext.COMPLETE);
                completer.complete(null, parsed, candidates);
                candidates.stream()
                        .map(Candidate::value)
                        .filter(value -> value.startsWith(parsed.word()))
                        .forEach(completed::add);
            }
        }
    }

    @Test
    void aConversationGoesOnAfterAMistakeAndCompletesNames() {
        ConversationJob job = new ConversationJob();
        StageOutput output = stage(job);
        assertThat(output.err()).isEmpty();
        assertThat(output.out())
                .startsWith("question\nWhat?\n")
                .contains(
                        "oops",
                        "\n== SQL ==\nSELECT 1 +\n",
                        ":frmat: no such command; :help shows them",
                        "cs: no such format; give table, csv, json; did you mean csv?",
                        "sql: the result is in " + folder.resolve("next.csv") + "\nc,d\n3,4\n",
                        "examples: example_index, question, answers, split, stale\n");
        assertThat(folder.resolve("next.csv")).hasContent("a,b\n1,2");
        assertThat(job.completed).containsExactly("question", ":format", "csv");
    }

    /** Says a query that would take hours, cancels it once it runs, and says another one. */
    @Command(name = "sql", description = "A conversation.")
    static class CancellingJob extends Stage {
        @Override
        protected boolean onlyReads() {
            return true;
        }

        @Override
        protected void work(StageRun run) throws Exception {
            SqlTables tables = new SqlTables(run.spark(), List.of(run.folder()));
            SqlConversation conversation = new SqlConversation(tables, RowFormat.CSV, Optional.empty(), run::say);
            conversation.cancel();
            Thread user = new Thread(() -> {
                while (run.spark().sparkContext().statusTracker().getActiveJobIds().length == 0) {
                    Thread.onSpinWait();
                }
                conversation.cancel();
            });
            user.start();
            conversation.reply("SELECT max(hash(id)) AS m FROM range(100000000000000)");
            user.join();
            conversation.reply("SELECT x");
            conversation.reply("SELECT count(*) AS n FROM examples");
        }
    }

    @Test
    void aQueryThatIsCancelledLeavesThePromptUsable() {
        StageOutput output = stage(new CancellingJob());
        assertThat(output.err()).isEmpty();
        assertThat(output.out().lines()).hasSize(5).startsWith("m", "cancelled").endsWith("n", "2");
    }

    @Test
    void queriesInFilesAreListedWithWhatTheyTell() {
        assertThat(ShippedQueries.in(Path.of("jobs/sql")))
                .containsEntry("by-kind.sql", "Metrics for each kind of question that evaluate.kind tells apart.");
    }

    @Test
    void wrongUseEndsWithTwo() {
        assertThat(piped("-- nothing\n").err()).contains("no query: give one in quotes");
        assertThat(piped("").code()).isEqualTo(2);
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
