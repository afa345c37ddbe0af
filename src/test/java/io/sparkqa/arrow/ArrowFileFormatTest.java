package io.sparkqa.arrow;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sparkqa.TestSpark;
import io.sparkqa.config.UserError;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.apache.arrow.vector.BigIntVector;
import org.apache.arrow.vector.VectorSchemaRoot;
import org.apache.commons.lang3.exception.ExceptionUtils;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ArrowFileFormatTest {
    private static final String EVERY_TYPE =
            """
            SELECT id AS long, CAST(id AS INT) AS int, id / 4 AS double, CAST(id AS FLOAT) AS float,
              id %% 2 = 0 AS boolean, repeat('é😀', CAST(id %% 3 AS INT)) AS string,
              transform(sequence(0, CAST(id %% 5 AS INT)), i -> i * 7) AS ints,
              transform(sequence(0, CAST(id %% 3 AS INT)), i -> CAST(i / 2 AS FLOAT)) AS floats,
              IF(id %% 7 = 0, NULL, CAST(id AS STRING)) AS string_or_null,
              IF(id %% 7 = 1, NULL, id) AS long_or_null,
              IF(id %% 7 = 2, NULL, array(CAST(id AS INT))) AS ints_or_null
            FROM range(0, %d, 1, 3)
            """;

    private final SparkSession spark = TestSpark.session();

    @TempDir
    private Path folder;

    @Test
    void everyTypeComesBackAsItWasWritten() {
        Dataset<Row> rows = spark.sql(EVERY_TYPE.formatted(100));

        Dataset<Row> read = spark.read().format("arrow").load(write(rows));

        assertThat(read.orderBy("long").collectAsList())
                .isEqualTo(rows.orderBy("long").collectAsList());
    }

    @Test
    void manyRecordBatchesComeBackInTheirOrder() {
        Dataset<Row> rows = spark.sql(EVERY_TYPE.formatted(60_000)).coalesce(1);

        Dataset<Row> read = spark.read().format("arrow").load(write(rows));

        assertThat(read.exceptAll(rows).isEmpty()).isTrue();
        assertThat(read.count()).isEqualTo(60_000);
        try (MappedArrowFile file = MappedArrowFile.open(onlyFile())) {
            assertThat(file.batches()).hasSizeGreaterThan(5);
            assertThat(file.batches().stream()
                            .mapToInt(VectorSchemaRoot::getRowCount)
                            .sum())
                    .isEqualTo(60_000);
            BigIntVector last = (BigIntVector) file.batches().get(5).getVector("long");
            assertThat(last.get(3)).isEqualTo(5 * 8192 + 3);
        }
    }

    @Test
    void aFileIsSharedBetweenTasksByItsRecordBatches() {
        String path = write(spark.sql(EVERY_TYPE.formatted(60_000)).coalesce(1));
        SparkSession small = spark.newSession();
        small.conf().set("spark.sql.files.maxPartitionBytes", "1000000");

        Dataset<Row> read = small.read().format("arrow").load(path);

        assertThat(read.javaRDD().getNumPartitions()).isGreaterThan(2);
        assertThat(read.selectExpr("sum(long)").first().getLong(0)).isEqualTo(60_000L * 59_999 / 2);
    }

    @Test
    void sqlOpensATableByItsPathAndReadsTheColumnsItNames() {
        String path = write(spark.sql(EVERY_TYPE.formatted(10)));

        Row row = spark.sql(
                        "SELECT count(*), sum(size(ints)), max(string) FROM arrow.`%s` WHERE boolean".formatted(path))
                .first();

        assertThat(row.getLong(0)).isEqualTo(5);
        assertThat(row.getLong(1)).isEqualTo(1 + 3 + 5 + 2 + 4);
        assertThat(row.getString(2)).isEqualTo("é😀é😀");
        assertThat(spark.read().format("arrow").load(path).count()).isEqualTo(10);
    }

    @Test
    void partitionColumnsComeFromTheFolders() {
        String path = folder.resolve("table").toString();
        spark.sql("SELECT id, id % 2 AS odd FROM range(6)")
                .write()
                .format("arrow")
                .partitionBy("odd")
                .save(path);

        assertThat(spark.sql("SELECT sum(id) FROM arrow.`%s` WHERE odd = 1".formatted(path))
                        .first()
                        .getLong(0))
                .isEqualTo(9);
    }

    @Test
    void readsTheSameWithoutBatches() {
        Dataset<Row> rows = spark.sql(EVERY_TYPE.formatted(100));
        String path = write(rows);
        SparkSession interpreted = spark.newSession();
        interpreted.conf().set("spark.sql.codegen.wholeStage", "false");

        assertThat(interpreted.read().format("arrow").load(path).orderBy("long").collectAsList())
                .isEqualTo(rows.orderBy("long").collectAsList());
    }

    @Test
    void metadataOptionsGoIntoTheSchema() {
        String path = folder.resolve("table").toString();
        spark.range(3)
                .coalesce(1)
                .write()
                .format("arrow")
                .option("metadata.tokenizer", "abc")
                .save(path);

        try (MappedArrowFile file = MappedArrowFile.open(onlyFile())) {
            assertThat(file.schema().getCustomMetadata()).containsExactlyEntriesOf(Map.of("tokenizer", "abc"));
        }
    }

    @Test
    void anEmptyTableKeepsItsColumns() {
        String path = write(spark.sql(EVERY_TYPE.formatted(0)));

        Dataset<Row> read = spark.read().format("arrow").load(path);

        assertThat(read.columns()).contains("long", "ints");
        assertThat(read.count()).isZero();
    }

    @Test
    void refusesATypeItDoesNotKnowByTheColumnsName() {
        Dataset<Row> dates = spark.sql("SELECT current_date() AS day");

        assertThatThrownBy(() -> write(dates)).hasMessageContaining("day").hasMessageContaining("DATE");
    }

    @Test
    void refusesANullInsideAnArrayByTheColumnsName() {
        Dataset<Row> nulls = spark.sql("SELECT array(1, CAST(NULL AS INT)) AS ids");

        assertThatThrownBy(() -> write(nulls)).satisfies(e -> assertThat(ExceptionUtils.getThrowableList(e))
                .anyMatch(cause ->
                        cause instanceof UserError && cause.getMessage().contains("column ids")));
    }

    @Test
    void namesAFileThatIsCutOff() throws IOException {
        String path = write(spark.sql(EVERY_TYPE.formatted(100)).coalesce(1));
        try (FileChannel channel = FileChannel.open(onlyFile(), StandardOpenOption.WRITE)) {
            channel.truncate(channel.size() / 2);
        }
        Files.deleteIfExists(onlyFile().resolveSibling("." + onlyFile().getFileName() + ".crc"));

        assertThatThrownBy(() -> MappedArrowFile.open(onlyFile()))
                .isInstanceOf(UserError.class)
                .hasMessageContaining(onlyFile().toString())
                .hasMessageContaining("not a complete Arrow file");
        assertThatThrownBy(() -> spark.read().format("arrow").load(path).count())
                .isInstanceOf(UserError.class)
                .hasMessageContaining(onlyFile().getFileName().toString());
    }

    @Test
    void namesAFileWhoseFooterIsDamaged() throws IOException {
        write(spark.sql(EVERY_TYPE.formatted(100)).coalesce(1));
        Path file = onlyFile();
        byte[] bytes = Files.readAllBytes(file);
        for (int i = bytes.length - 400; i < bytes.length - 10; i++) {
            bytes[i] = (byte) 0x5a;
        }
        Files.write(file, bytes);

        assertThatThrownBy(() -> MappedArrowFile.open(file))
                .isInstanceOf(UserError.class)
                .hasMessageContaining(file.toString());
    }

    private String write(Dataset<Row> rows) {
        String path = folder.resolve("table").toString();
        rows.write().format("arrow").save(path);
        return path;
    }

    private Path onlyFile() {
        try (Stream<Path> files = Files.list(folder.resolve("table"))) {
            List<Path> tables = files.filter(
                            file -> file.getFileName().toString().matches("part-.*\\.arrow"))
                    .toList();
            assertThat(tables).hasSize(1);
            return tables.get(0);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
