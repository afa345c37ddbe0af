package io.sparkqa.window;

import io.sparkqa.arrow.MappedArrowFile;
import io.sparkqa.config.Reason;
import io.sparkqa.config.UserError;
import java.io.IOException;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.apache.arrow.memory.ArrowBuf;
import org.apache.arrow.vector.BigIntVector;
import org.apache.arrow.vector.FieldVector;
import org.apache.arrow.vector.IntVector;
import org.apache.arrow.vector.VarCharVector;
import org.apache.arrow.vector.VectorSchemaRoot;
import org.apache.arrow.vector.complex.ListVector;

/** The windows of a folder of Arrow files, mapped into memory; {@link #get} copies a single window. */
final class MappedWindows implements WindowTable {
    private final List<MappedArrowFile> files = new ArrayList<>();
    private final List<Batch> batches = new ArrayList<>();
    /** For each window, in the table's order, the index of its record batch. */
    private final int[] batchOf;

    /** For each window, in the table's order, its row in that record batch. */
    private final int[] rowOf;

    private MappedWindows(List<Path> paths) {
        try {
            for (Path path : paths) {
                MappedArrowFile file = MappedArrowFile.open(path);
                files.add(file);
                file.batches().forEach(root -> batches.add(new Batch(path, root)));
            }
        } catch (RuntimeException e) {
            close();
            throw e;
        }
        int size = Math.toIntExact(batches.stream().mapToLong(Batch::rows).sum());
        int[] batchOfStored = new int[size];
        int[] rowOfStored = new int[size];
        long[] examples = new long[size];
        int[] windows = new int[size];
        int stored = 0;
        for (int b = 0; b < batches.size(); b++) {
            for (int row = 0; row < batches.get(b).rows(); row++, stored++) {
                batchOfStored[stored] = b;
                rowOfStored[stored] = row;
                examples[stored] = batches.get(b).exampleIndex.get(row);
                windows[stored] = batches.get(b).window.get(row);
            }
        }
        int[] order = IntStream.range(0, size)
                .boxed()
                .sorted(Comparator.<Integer>comparingLong(i -> examples[i]).thenComparingInt(i -> windows[i]))
                .mapToInt(Integer::intValue)
                .toArray();
        this.batchOf = IntStream.of(order).map(i -> batchOfStored[i]).toArray();
        this.rowOf = IntStream.of(order).map(i -> rowOfStored[i]).toArray();
    }

    static MappedWindows open(Path folder) {
        return new MappedWindows(files(folder));
    }

    /** Returns the table's files, sorted by name. */
    static List<Path> files(Path folder) {
        if (!Files.isDirectory(folder)) {
            throw new UserError("%s: no such folder of windows; run jobs/preprocess.sh first".formatted(folder));
        }
        try (Stream<Path> files = Files.list(folder)) {
            return files.filter(file -> isTable(file.getFileName().toString()))
                    .sorted()
                    .toList();
        } catch (IOException e) {
            throw new UserError("%s: can't be read: %s".formatted(folder, Reason.of(e)), e);
        }
    }

    /** Excludes Spark's markers and checksum files. */
    private static boolean isTable(String name) {
        return name.endsWith(".arrow") && !name.startsWith(".") && !name.startsWith("_");
    }

    @Override
    public int size() {
        return rowOf.length;
    }

    @Override
    public int length(int i) {
        return batches.get(batchOf[i]).inputIds.length(rowOf[i]);
    }

    @Override
    public Window get(int i) {
        return batches.get(batchOf[i]).get(rowOf[i]);
    }

    @Override
    public void close() {
        files.forEach(MappedArrowFile::close);
    }

    /** The columns of a record batch. */
    private static final class Batch {
        private final BigIntVector exampleIndex;
        private final VarCharVector exampleId;
        private final IntVector window;
        private final Ints inputIds;
        private final IntVector contextFirst;
        private final IntVector contextLast;
        private final IntVector startPosition;
        private final IntVector endPosition;
        private final Ints offsetStarts;
        private final Ints offsetEnds;
        private final int rows;

        Batch(Path file, VectorSchemaRoot root) {
            Columns columns = new Columns(file, root);
            this.exampleIndex = columns.get(WindowColumns.EXAMPLE_INDEX, BigIntVector.class);
            this.exampleId = columns.get(WindowColumns.EXAMPLE_ID, VarCharVector.class);
            this.window = columns.get(WindowColumns.WINDOW, IntVector.class);
            this.inputIds = new Ints(columns.get(WindowColumns.INPUT_IDS, ListVector.class));
            this.contextFirst = columns.get(WindowColumns.CONTEXT_FIRST, IntVector.class);
            this.contextLast = columns.get(WindowColumns.CONTEXT_LAST, IntVector.class);
            this.startPosition = columns.get(WindowColumns.START_POSITION, IntVector.class);
            this.endPosition = columns.get(WindowColumns.END_POSITION, IntVector.class);
            this.offsetStarts = new Ints(columns.get(WindowColumns.OFFSET_STARTS, ListVector.class));
            this.offsetEnds = new Ints(columns.get(WindowColumns.OFFSET_ENDS, ListVector.class));
            this.rows = root.getRowCount();
            for (int row = 0; row < rows; row++) {
                check(file, row);
            }
        }

        /** Checks that positions are inside the window and that each context token has its offsets. */
        private void check(Path file, int row) {
            if (!Window.isWhole(
                    inputIds.length(row),
                    contextFirst.get(row),
                    contextLast.get(row),
                    startPosition.get(row),
                    endPosition.get(row),
                    offsetStarts.length(row),
                    offsetEnds.length(row))) {
                throw new UserError("%s: window %s of example %s is damaged; run jobs/preprocess.sh again"
                        .formatted(file, window.get(row), exampleIndex.get(row)));
            }
        }

        int rows() {
            return rows;
        }

        Window get(int row) {
            return new Window(
                    exampleIndex.get(row),
                    new String(exampleId.get(row), StandardCharsets.UTF_8),
                    window.get(row),
                    inputIds.get(row),
                    contextFirst.get(row),
                    contextLast.get(row),
                    startPosition.get(row),
                    endPosition.get(row),
                    offsetStarts.get(row),
                    offsetEnds.get(row));
        }
    }

    private record Columns(Path file, VectorSchemaRoot root) {
        <T> T get(String name, Class<T> type) {
            FieldVector vector = root.getVector(name);
            boolean isInts = vector instanceof ListVector list && list.getDataVector() instanceof IntVector;
            if (!type.isInstance(vector) || (type == ListVector.class && !isInts)) {
                throw refused(name, vector == null ? "is missing" : "is of another type");
            }
            if (vector.getNullCount() > 0) {
                throw refused(name, "holds nulls");
            }
            return type.cast(vector);
        }

        private UserError refused(String column, String reason) {
            return new UserError("%s: not a table of windows: column %s %s; run jobs/preprocess.sh again"
                    .formatted(file, column, reason));
        }
    }

    /** A column of int arrays. */
    private record Ints(ListVector lists) {
        int length(int row) {
            return lists.getElementEndIndex(row) - lists.getElementStartIndex(row);
        }

        int[] get(int row) {
            int[] values = new int[length(row)];
            ArrowBuf buffer = lists.getDataVector().getDataBuffer();
            buffer.nioBuffer((long) lists.getElementStartIndex(row) * Integer.BYTES, values.length * Integer.BYTES)
                    .order(ByteOrder.LITTLE_ENDIAN)
                    .asIntBuffer()
                    .get(values);
            return values;
        }
    }
}
