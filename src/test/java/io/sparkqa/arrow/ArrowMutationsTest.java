package io.sparkqa.arrow;

import io.sparkqa.Mutations;
import io.sparkqa.window.WindowTable;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.apache.arrow.vector.FieldVector;
import org.apache.arrow.vector.VectorSchemaRoot;
import org.apache.arrow.vector.ipc.message.ArrowBlock;
import org.apache.hadoop.conf.Configuration;
import org.apache.spark.sql.catalyst.expressions.GenericInternalRow;
import org.apache.spark.sql.catalyst.util.GenericArrayData;
import org.apache.spark.sql.types.StructType;
import org.apache.spark.sql.vectorized.ArrowColumnVector;
import org.apache.spark.sql.vectorized.ColumnVector;
import org.apache.spark.sql.vectorized.ColumnarBatch;
import org.apache.spark.unsafe.types.UTF8String;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ArrowMutationsTest {
    private static final int ROWS = 5;
    private static final StructType WINDOWS = StructType.fromDDL(
            "example_index BIGINT, example_id STRING, window INT, input_ids ARRAY<INT>, context_first INT, context_last INT,"
                    + " start_position INT, end_position INT, offset_starts ARRAY<INT>, offset_ends ARRAY<INT>");

    @TempDir
    private Path folder;

    @Test
    void aMutatedTableOfWindowsIsMappedOrRefused() throws Exception {
        Path file = folder.resolve("part-0.arrow");
        Mutations.check(file, windows(), Mutations::bytes, mutated -> {
            try (WindowTable table = WindowTable.open(folder)) {
                for (int i = 0; i < table.size(); i++) {
                    table.get(i);
                }
            }
        });
    }

    @Test
    void aMutatedFileIsReadBatchByBatchOrRefused() throws Exception {
        Path file = folder.resolve("part-0.arrow");
        Configuration hadoop = new Configuration();
        Mutations.check(file, windows(), Mutations::bytes, mutated -> {
            Files.deleteIfExists(folder.resolve(".part-0.arrow.crc"));
            try (ArrowFile arrow = ArrowFile.open(new org.apache.hadoop.fs.Path(mutated.toUri()), hadoop)) {
                for (ArrowBlock block : arrow.batches()) {
                    arrow.load(block);
                    readAll(arrow.root());
                }
            }
        });
    }

    private static void readAll(VectorSchemaRoot root) {
        ColumnVector[] columns =
                root.getFieldVectors().stream().map(ArrowMutationsTest::column).toArray(ColumnVector[]::new);
        ColumnarBatch batch = new ColumnarBatch(columns, root.getRowCount());
        batch.rowIterator().forEachRemaining(row -> row.copy());
    }

    private static ColumnVector column(FieldVector vector) {
        return new ArrowColumnVector(vector);
    }

    /** Returns the bytes of a file of windows. */
    private byte[] windows() throws Exception {
        Path file = folder.resolve("written");
        ArrowWriter writer = new ArrowWriter(
                file.toUri().toString(),
                new ArrowColumns(WINDOWS, Map.of("tokenizer_sha256", "x")),
                new Configuration());
        for (int i = 0; i < ROWS; i++) {
            GenericArrayData offsets = new GenericArrayData(new int[] {i, i + 1});
            writer.write(new GenericInternalRow(new Object[] {
                (long) i,
                UTF8String.fromString("id" + i),
                0,
                new GenericArrayData(new int[] {0, 7, 2, 2, 9, 9, 2}),
                4,
                5,
                4,
                i % 2 == 0 ? 5 : 4,
                offsets,
                offsets
            }));
        }
        writer.close();
        return Files.readAllBytes(file);
    }
}
