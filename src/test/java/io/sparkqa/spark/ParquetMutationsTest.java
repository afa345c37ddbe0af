package io.sparkqa.spark;

import io.sparkqa.Mutations;
import io.sparkqa.TestSpark;
import io.sparkqa.config.UserError;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.apache.commons.lang3.exception.ExceptionUtils;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ParquetMutationsTest {
    @TempDir
    private Path folder;

    @Test
    void aMutatedParquetFileIsReadOrRefused() throws Exception {
        Path written = folder.resolve("written");
        TestSpark.session()
                .sql(
                        "SELECT id, 'T' AS title, 'The ant.' AS context, 'What?' AS question, named_struct('text', array('ant'), 'answer_start', array(4)) AS answers FROM range(0, 5, 1, 1)")
                .write()
                .parquet(written.toString());
        byte[] valid;
        try (var files = Files.newDirectoryStream(written, "part-*.parquet")) {
            valid = Files.readAllBytes(files.iterator().next());
        }

        Mutations.check(folder.resolve("a.parquet"), valid, Mutations::bytes, ParquetMutationsTest::readAll);
    }

    /** If a task can't read the file, Spark throws an error that names it; a stage prints its message. */
    @SuppressWarnings("CatchingUnchecked") // Spark throws checked exceptions that it does not declare
    private static void readAll(Path file) {
        try {
            SquadParquet.open(TestSpark.session(), List.of(file)).table().count();
        } catch (Exception e) {
            throw ExceptionUtils.getThrowableList(e).stream()
                    .filter(UserError.class::isInstance)
                    .map(UserError.class::cast)
                    .findFirst()
                    .orElseGet(() -> new UserError(
                            e.getMessage().lines().limit(1).toList().get(0)));
        }
    }
}
