package io.sparkqa.arrow;

import io.sparkqa.config.UserError;
import java.io.EOFException;
import java.io.IOException;
import java.util.List;
import org.apache.arrow.memory.ArrowBuf;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.memory.RootAllocator;
import org.apache.arrow.vector.VectorSchemaRoot;
import org.apache.arrow.vector.ipc.ReadChannel;
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
    private final HadoopChannel channel;
    private final BufferAllocator allocator = new RootAllocator();
    private final ArrowLayout layout;
    private final VectorSchemaRoot root;

    private ArrowFile(Path path, Configuration hadoop) throws IOException {
        this.path = path;
        this.channel = HadoopChannel.open(path, hadoop);
        try {
            this.layout = ArrowLayout.read(channel);
            this.root = VectorSchemaRoot.create(layout.schema(), allocator);
        } catch (IOException | RuntimeException e) {
            allocator.close();
            channel.close();
            throw e;
        }
    }

    /**
     * Opens a file and checks its footer.
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
        return layout.blocks();
    }

    /** Reads a record batch into {@link #root}, after a check of its lengths and offsets. */
    void load(ArrowBlock batch) {
        reading(path, () -> {
            long length = batch.getMetadataLength() + batch.getBodyLength();
            try (ArrowBuf bytes = allocator.buffer(length)) {
                channel.position(batch.getOffset());
                if (new ReadChannel(channel).readFully(bytes, length) != length) {
                    throw new EOFException("it is truncated");
                }
                ArrowBuf body = bytes.slice(batch.getMetadataLength(), batch.getBodyLength());
                RecordBatchCheck.load(root, bytes.nioBuffer(0, batch.getMetadataLength()), body);
                return root;
            }
        });
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
        root.close();
        allocator.close();
        try {
            channel.close();
        } catch (IOException e) {
            throw MappedArrowFile.damaged(path, e);
        }
    }
}
