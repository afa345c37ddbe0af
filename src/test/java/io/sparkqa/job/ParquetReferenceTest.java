package io.sparkqa.job;

import static org.assertj.core.api.Assertions.assertThat;

import io.sparkqa.References;
import io.sparkqa.TestSpark;
import io.sparkqa.spark.SquadTable;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** HuggingFace's Parquet files of the real data give the same tables as the JSON files. */
@Tag("reference")
class ParquetReferenceTest {
    @TempDir
    private Path folder;

    @Test
    void examplesAndWindowsOfParquetAreThoseOfTheJson() throws IOException {
        SparkSession spark = TestSpark.session();
        Path tokenizer = References.reference("roberta-base-tokenizer");
        Path hub = Files.createDirectories(folder.resolve("hub/squad_v2"));
        parquet(SquadTable.read(spark, References.dataSet("train")), hub, "train", 3);
        parquet(SquadTable.read(spark, References.dataSet("dev")), hub, "validation", 1);
        Path conf = Files.writeString(folder.resolve("a.conf"), "model.tokenizer = \"%s\"\n".formatted(tokenizer));

        preprocess(conf, "json", References.dataSet("train"), References.dataSet("dev"));
        preprocess(conf, "parquet", hub, hub);

        for (String split : List.of("train", "dev")) {
            isSame(spark, "parquet", "examples/" + split);
            isSame(spark, "arrow", "windows/" + split);
        }
    }

    /** Writes examples as {@code squad_v2} of the Hub has them, in this many files. */
    private void parquet(Dataset<Row> examples, Path hub, String split, int parts) throws IOException {
        long questions = examples.count();
        for (int part = 0; part < parts; part++) {
            Path written = folder.resolve(split + part);
            examples.where("example_index >= %d AND example_index < %d"
                            .formatted(questions * part / parts, questions * (part + 1) / parts))
                    .coalesce(1)
                    .sortWithinPartitions("example_index")
                    .selectExpr(
                            "id",
                            "title",
                            "context",
                            "question",
                            "named_struct('text', answers.text, 'answer_start', answers.answer_start) AS answers")
                    .write()
                    .parquet(written.toString());
            try (var files = Files.newDirectoryStream(written, "part-*.parquet")) {
                Files.copy(
                        files.iterator().next(), hub.resolve("%s-%05d-of-%05d.parquet".formatted(split, part, parts)));
            }
        }
    }

    private void preprocess(Path conf, String run, Path train, Path dev) {
        StageOutput output = StageOutput.of(
                new PreprocessJob(),
                conf.toString(),
                "run.dir=" + folder.resolve(run),
                "data.train=" + train,
                "data.dev=" + dev);
        assertThat(output.err()).isEmpty();
        assertThat(output.code()).isZero();
    }

    private void isSame(SparkSession spark, String format, String table) {
        Dataset<Row> json = spark.read()
                .format(format)
                .load(folder.resolve("json").resolve(table).toString());
        Dataset<Row> parquet = spark.read()
                .format(format)
                .load(folder.resolve("parquet").resolve(table).toString());
        assertThat(parquet.schema()).isEqualTo(json.schema());
        // the tables have the same number of rows, and no row of one is missing in the other
        assertThat(parquet.count()).isEqualTo(json.count()).isPositive();
        assertThat(json.exceptAll(parquet).isEmpty()).isTrue();
    }
}
