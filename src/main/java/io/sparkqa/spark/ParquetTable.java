package io.sparkqa.spark;

import io.sparkqa.config.Reason;
import io.sparkqa.config.UserError;
import io.sparkqa.files.FileUri;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Function;
import java.util.stream.Stream;
import org.apache.hadoop.conf.Configuration;
import org.apache.parquet.hadoop.ParquetFileReader;
import org.apache.parquet.hadoop.util.HadoopInputFile;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.types.StructType;

/** A folder of Parquet files that a stage has written with Spark. */
public final class ParquetTable {
    /** Where Spark keeps the schema of a table in each of its files. */
    private static final String SCHEMA = "org.apache.spark.sql.parquet.row.metadata";

    private ParquetTable() {}

    /**
     * Returns the table in a folder. The driver reads its schema in a few milliseconds, for which Spark would run a job.
     *
     * @throws UserError if no file can be read
     */
    public static Dataset<Row> read(SparkSession spark, Path folder) {
        return spark.read().schema(schema(folder)).parquet(FileUri.toRead(folder));
    }

    /**
     * Returns the columns of the table in a folder.
     *
     * @throws UserError if there is no file that Spark has written, or it can't be read
     */
    public static StructType schema(Path folder) {
        Path file = files(folder).stream()
                .findFirst()
                .orElseThrow(() -> new UserError(folder + ": has no Parquet files; make it again with --force"));
        return ofFooter(file, footer -> {
            String schema = footer.getFileMetaData().getKeyValueMetaData().get(SCHEMA);
            if (schema == null) {
                throw new IllegalArgumentException("Spark did not write it");
            }
            return (StructType) StructType.fromJson(schema);
        });
    }

    /**
     * Returns the number of rows of the table in a folder, which the driver reads from the files' footers.
     *
     * @throws UserError if a file can't be read
     */
    public static long rows(Path folder) {
        return files(folder).stream()
                .mapToLong(file -> ofFooter(file, ParquetFileReader::getRecordCount))
                .sum();
    }

    private static <T> T ofFooter(Path file, Function<ParquetFileReader, T> read) {
        try (ParquetFileReader reader = ParquetFileReader.open(
                HadoopInputFile.fromPath(new org.apache.hadoop.fs.Path(file.toUri()), new Configuration()))) {
            return read.apply(reader);
        } catch (IOException | RuntimeException e) {
            throw new UserError(
                    "%s: can't be read as Parquet: %s; make it again with --force".formatted(file, e.getMessage()), e);
        }
    }

    /**
     * Returns the Parquet files of a folder in the order of their names.
     *
     * @throws UserError if the folder can't be read
     */
    public static List<Path> files(Path folder) {
        try (Stream<Path> files = Files.list(folder)) {
            return files.filter(file -> file.getFileName().toString().matches("[^._].*\\.parquet"))
                    .sorted()
                    .toList();
        } catch (IOException e) {
            throw new UserError("%s: can't be read: %s".formatted(folder, Reason.of(e)), e);
        }
    }
}
