package io.sparkqa.job;

import static org.assertj.core.api.Assertions.assertThat;

import io.sparkqa.TestSpark;
import io.sparkqa.files.FileUri;
import io.sparkqa.model.TinyModel;
import io.sparkqa.spark.RobertaQuestionAnsweringModel;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.streaming.StreamingQuery;
import org.apache.spark.sql.streaming.Trigger;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Answers tables that are not SQuAD's, with an untrained model. */
class AnswerJobTest {
    private static final String CSV =
            """
            ticket,question,context,price
            7,Who ran the mill?,"Anna Lund ran it, they say ""well"", until 1890.",1.50
            8,When did it burn?,"Anna Lund ran it, they say ""well"", until 1890.",2.50
            8,,A text without a question.,3.50
            9,A question without a text?,,4.50
            """;

    private static SparkSession spark;

    @TempDir
    static Path folder;

    private Path conf;
    private String out;
    private String err;

    @BeforeAll
    static void modelAndTable() throws IOException {
        spark = TestSpark.session();
        TinyModel.write(folder.resolve("model"));
        Files.writeString(folder.resolve("tickets.csv"), CSV);
    }

    @BeforeEach
    void conf(@TempDir Path run) throws IOException {
        conf = Files.writeString(
                run.resolve("mine.conf"),
                """
                run.dir = "%s"
                model.from = "%s"
                features { max_length = 64, stride = 8 }
                decode.null_threshold = 1e9
                train.dtype = float32
                """
                        .formatted(run.resolve("run"), folder.resolve("model")));
    }

    @Test
    void everyRowKeepsItsColumnsAndGetsAnAnswer(@TempDir Path results) {
        for (String format : List.of("csv", "json", "parquet")) {
            Path output = results.resolve("answered." + format);
            assertThat(run(folder.resolve("tickets.csv"), output)).as(err).isZero();
            assertThat(out)
                    .matches("answer: computes on (the CPU|cuda:0) in (float32|bfloat16)\nanswer: 4 rows answered; see "
                            + output + "\n");
        }

        List<Row> rows = spark.read()
                .parquet(FileUri.of(results.resolve("answered.parquet")))
                .select("ticket", "price", "answer.text", "answer.null_odds", "context", "answer.start", "answer.end")
                .collectAsList();
        assertThat(rows).extracting(row -> row.getString(0)).containsExactly("7", "8", "8", "9");
        assertThat(rows).extracting(row -> row.getString(1)).containsExactly("1.50", "2.50", "3.50", "4.50");
        assertThat(rows.subList(0, 2)).allSatisfy(row -> assertThat(row.getString(2))
                .isNotEmpty()
                .isEqualTo(row.getString(4).substring(row.getInt(5), row.getInt(6))));
        assertThat(rows.subList(2, 4)).allSatisfy(row -> {
            assertThat(row.getString(2)).isEmpty();
            assertThat(row.isNullAt(3)).isTrue();
        });
        Dataset<Row> flat = spark.read()
                .option("header", true)
                .option("escape", "\"")
                .csv(FileUri.of(results.resolve("answered.csv")));
        assertThat(flat.columns())
                .containsExactly(
                        "ticket",
                        "question",
                        "context",
                        "price",
                        "answer",
                        "answer_probability",
                        "answer_null_odds",
                        "answer_start",
                        "answer_end");
        assertThat(flat.collectAsList().get(0).getString(4))
                .isEqualTo(rows.get(0).getString(2));
    }

    @Test
    void aWrongTableOrPlaceIsRefusedBeforeAnythingIsWritten(@TempDir Path results) throws IOException {
        Path output = results.resolve("out.json");
        Path there = Files.createDirectory(results.resolve("there.csv"));

        assertThat(run(folder.resolve("tickets.csv"), output, "--question", "frage"))
                .isEqualTo(1);
        assertThat(err)
                .contains("column frage is missing")
                .contains("the table has ticket, question, context, price;")
                .contains("--question");
        assertThat(run(folder.resolve("tickets.csv"), output, "--answer", "price"))
                .isEqualTo(1);
        assertThat(err).contains("already has a column price");
        assertThat(run(folder.resolve("nowhere.csv"), output)).isEqualTo(1);
        assertThat(err).contains("nowhere.csv: no such file");
        assertThat(run(folder.resolve("tickets.csv"), there)).isEqualTo(2);
        assertThat(err).contains("already exists");
        assertThat(run(folder.resolve("tickets.csv"), results.resolve("out.xls")))
                .isEqualTo(2);
        assertThat(err).contains("must end in .csv, .json, .jsonl or .parquet");
        assertThat(output).doesNotExist();
    }

    @Test
    void aBrokenRecordIsNotAnsweredAsIfItWereEmpty(@TempDir Path results) throws IOException {
        Path output = results.resolve("out.json");
        String whole = "{\"question\": \"Who?\", \"context\": \"Anna.\"}\n";
        Path lines = Files.writeString(results.resolve("a.jsonl"), whole + "{\"question\": \"Wh\n");
        Path indented = Files.writeString(results.resolve("b.json"), whole.replace(",", ",\n"));
        Path cells = Files.writeString(results.resolve("c.csv"), "question,context\nWho?,Anna.\nWhat?\n");
        Path folders = Files.createDirectory(results.resolve("d.csv"));
        Files.writeString(folders.resolve("1.csv"), "question,context\nWho?,Anna.\n");
        Files.writeString(folders.resolve("2.csv"), "context,question\nAnna.,Who?\n");

        refuses(1, lines, output, lines + ": a line is not one JSON object");
        refuses(1, indented, output, indented + ": a line is not one JSON object");
        refuses(1, cells, output, cells + ": a row has more or fewer cells than the header");
        refuses(1, folders, output, folders.resolve("2.csv") + ": has another header than " + folders.resolve("1.csv"));
        refuses(2, lines, lines, "would be replaced", "--force");
        assertThat(lines).content().startsWith(whole);
        assertThat(output).doesNotExist();
    }

    @Test
    void aColumnThatDiffersOnlyInCaseIsThereAlready(@TempDir Path results) throws IOException {
        Path table = Files.writeString(results.resolve("a.csv"), "question,context,Answer_Start\nWho?,Anna.,1\n");

        refuses(1, table, results.resolve("b.csv"), "already has a column answer_start", "--answer", "answer_start");
        refuses(1, table, results.resolve("c.csv"), "already has a column answer_start");
    }

    private void refuses(int code, Path input, Path output, String words, String... options) {
        assertThat(run(input, output, options)).as(out).isEqualTo(code);
        assertThat(err).contains(words).hasLineCount(1);
    }

    @Test
    void aStreamGetsTheAnswersThatATableGets(@TempDir Path results) throws Exception {
        Dataset<Row> table = spark.read()
                .option("header", true)
                .option("escape", "\"")
                .csv(FileUri.of(folder.resolve("tickets.csv")));
        Path parts = results.resolve("parts");
        table.write().parquet(FileUri.of(parts));
        RobertaQuestionAnsweringModel model = new RobertaQuestionAnsweringModel()
                .setModelFolder(folder.resolve("model").toString())
                .setStride(8)
                .setDtype("float32");

        Dataset<Row> stream =
                model.transform(spark.readStream().schema(table.schema()).parquet(FileUri.of(parts)));
        StreamingQuery query = stream.writeStream()
                .format("memory")
                .queryName("answered")
                .trigger(Trigger.AvailableNow())
                .start();
        query.awaitTermination();

        assertThat(spark.table("answered").collectAsList())
                .containsExactlyInAnyOrderElementsOf(model.transform(table).collectAsList());
    }

    private int run(Path input, Path output, String... options) {
        String[] arguments = new String[3 + options.length];
        arguments[0] = conf.toString();
        arguments[1] = input.toString();
        arguments[2] = output.toString();
        System.arraycopy(options, 0, arguments, 3, options.length);
        StageOutput said = StageOutput.of(new AnswerJob(), arguments);
        out = said.out();
        err = said.err();
        return said.code();
    }
}
