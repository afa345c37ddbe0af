package io.sparkqa.arrow;

import io.sparkqa.config.UserError;
import java.io.IOException;
import java.nio.MappedByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.apache.arrow.memory.ArrowBuf;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.memory.ForeignAllocation;
import org.apache.arrow.memory.RootAllocator;
import org.apache.arrow.memory.util.MemoryUtil;
import org.apache.arrow.vector.VectorSchemaRoot;
import org.apache.arrow.vector.ipc.message.ArrowBlock;
import org.apache.arrow.vector.types.pojo.Schema;

/**
 * An Arrow IPC file that is mapped into memory. Each record batch has a mapping of its own, so a file may be larger than
 * 2 GB; the operating system reads a page when it is first used. Does not need Spark.
 */
public final class MappedArrowFile implements AutoCloseable {
    /** Reads from an open file. */
    private interface Reading<T> {
        T from(FileChannel channel) throws IOException;
    }

    private final BufferAllocator allocator = new RootAllocator();
    private final List<VectorSchemaRoot> batches = new ArrayList<>();
    private final Schema schema;

    private MappedArrowFile(FileChannel channel) throws IOException {
        ArrowLayout layout = ArrowLayout.read(channel);
        this.schema = layout.schema();
        try {
            for (ArrowBlock block : layout.blocks()) {
                batches.add(map(channel, block));
            }
        } catch (IOException | RuntimeException e) {
            close();
            throw e;
        }
    }

    /**
     * Opens a file, whose footer, lengths and offsets are checked so that later reads stay within it.
     *
     * @throws UserError if it is not a complete Arrow file
     */
    public static MappedArrowFile open(Path path) {
        return reading(path, MappedArrowFile::new);
    }

    /**
     * Returns the schema of a file, without its record batches.
     *
     * @throws UserError if it is not a complete Arrow file
     */
    public static Schema schema(Path path) {
        return reading(path, channel -> ArrowLayout.read(channel).schema());
    }

    private static <T> T reading(Path path, Reading<T> reading) {
        try (FileChannel channel = FileChannel.open(path, StandardOpenOption.READ)) {
            return reading.from(channel);
        } catch (NoSuchFileException e) {
            throw new UserError("%s: no such file".formatted(path), e);
        } catch (IOException | RuntimeException e) {
            throw damaged(path, e);
        }
    }

    /** Returns the error for a file that can't be read. */
    static UserError damaged(Object file, Exception reason) {
        return new UserError(
                "%s: not a complete Arrow file (%s: %s); write it again, a table of windows with jobs/preprocess.sh"
                        .formatted(file, reason.getClass().getSimpleName(), reason.getMessage()),
                reason);
    }

    /** Returns the columns' names and types, and the file's metadata. */
    public Schema schema() {
        return schema;
    }

    /** Returns the record batches in the file's order. They are valid until {@link #close}. */
    public List<VectorSchemaRoot> batches() {
        return Collections.unmodifiableList(batches);
    }

    private VectorSchemaRoot map(FileChannel channel, ArrowBlock block) throws IOException {
        long length = block.getMetadataLength() + block.getBodyLength();
        MappedByteBuffer mapped = channel.map(FileChannel.MapMode.READ_ONLY, block.getOffset(), length);
        VectorSchemaRoot root = VectorSchemaRoot.create(schema, allocator);
        ArrowBuf body = body(mapped, block);
        try {
            RecordBatchCheck.load(root, mapped.slice(0, block.getMetadataLength()), body);
            return root;
        } catch (IOException | RuntimeException e) {
            root.close();
            throw e;
        } finally {
            body.close();
        }
    }

    private ArrowBuf body(MappedByteBuffer mapped, ArrowBlock block) {
        long address = MemoryUtil.getByteBufferAddress(mapped) + block.getMetadataLength();
        return allocator.wrapForeignAllocation(new ForeignAllocation(block.getBodyLength(), address) {
            /** Keeps the mapping alive, which ends when nothing refers to it. */
            private MappedByteBuffer held = mapped;

            @Override
            protected void release0() {
                held = null;
            }
        });
    }

    @Override
    public void close() {
        batches.forEach(VectorSchemaRoot::close);
        allocator.close();
    }
}
