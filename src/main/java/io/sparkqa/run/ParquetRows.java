package io.sparkqa.run;

import io.sparkqa.config.UserError;
import io.sparkqa.spark.ParquetTable;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.apache.parquet.example.data.Group;
import org.apache.parquet.hadoop.ParquetReader;
import org.apache.parquet.hadoop.example.GroupReadSupport;

/** Reads a table of Parquet files without Spark, whose start would take seconds. */
public final class ParquetRows {
    private ParquetRows() {}

    /**
     * Passes on the rows of a folder's files, in the order of the files' names. A row is valid only during the call.
     *
     * @throws UserError if a file can't be read
     */
    public static void each(Path folder, Consumer<Group> row) {
        for (Path file : ParquetTable.files(folder)) {
            try (ParquetReader<Group> reader = ParquetReader.builder(
                            new GroupReadSupport(), new org.apache.hadoop.fs.Path(file.toUri()))
                    .build()) {
                for (Group group = reader.read(); group != null; group = reader.read()) {
                    row.accept(group);
                }
            } catch (IOException e) {
                throw new UserError(
                        "%s: can't be read as Parquet: %s; make it again with --force".formatted(file, e.getMessage()),
                        e);
            }
        }
    }

    /** Returns the elements of a row's list, each as a row; none if the list is null. */
    public static List<Group> list(Group row, String name) {
        if (row.getFieldRepetitionCount(name) == 0) {
            return List.of();
        }
        Group list = row.getGroup(name, 0);
        return Stream.iterate(0, i -> i < list.getFieldRepetitionCount(0), i -> i + 1)
                .map(i -> list.getGroup(0, i).getGroup(0, 0))
                .toList();
    }
}
