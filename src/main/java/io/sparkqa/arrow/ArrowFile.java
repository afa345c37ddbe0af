package io.sparkqa.arrow;

import io.sparkqa.config.UserError;
import java.io.IOException;
import java.util.List;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.memory.RootAllocator;
import org.apache.arrow.vector.VectorSchemaRoot;
import org.apache.arrow.vector.ipc.ArrowFileReader;
import org.apache.arrow.vector.ipc.message.ArrowBlock;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;

/** An Arrow IPC file on a Hadoop file system, read one record batch at a time. */
final class ArrowFile implements AutoCloseable {
    /** Reads part of a file. */
    private interface Reading<T> {
        T read() throws IOException;
    }

    private final Path path;
    private final BufferAllocator allocator = new RootAllocator();
    private final ArrowFileReader reader;
    private final VectorSchemaRoot root;
    private final List<ArrowBlock> batches;

    private ArrowFile(Path path, Configuration hadoop) throws IOException {
        this.path = path;
        this.reader = new ArrowFileReader(HadoopChannel.open(path, hadoop), allocator);
        try {
            this.root = reader.getVectorSchemaRoot();
            this.batches = reader.getRecordBlocks();
        } catch (IOException | RuntimeException e) {
            close();
            throw e;
        }
    }

    /**
     * Opens a file and reads its footer.
     *
     * @throws UserError if it is not a complete Arrow file
     */
    static ArrowFile open(Path path, Configuration hadoop) {
        return reading(path, () -> new ArrowFile(path, hadoop));
    }

    /** Returns the vectors that {@link #load} fills. */
    VectorSchemaRoot root() {
        return root;
    }

    /** Returns the positions of the file's record batches. */
    List<ArrowBlock> batches() {
        return batches;
    }

    /** Reads a record batch into {@link #root}. */
    void load(ArrowBlock batch) {
        reading(path, () -> reader.loadRecordBatch(batch));
    }

    private static <T> T reading(Path path, Reading<T> reading) {
        try {
            return reading.read();
        } catch (IOException | RuntimeException e) {
            throw MappedArrowFile.damaged(path, e);
        }
    }

    @Override
    public void close() {
        try {
            reader.close();
        } catch (IOException e) {
            throw MappedArrowFile.damaged(path, e);
        } finally {
            allocator.close();
        }
    }
}
