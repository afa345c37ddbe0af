package io.sparkqa.arrow;

import io.sparkqa.config.UserError;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.MappedByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import org.apache.arrow.flatbuf.Footer;
import org.apache.arrow.flatbuf.Message;
import org.apache.arrow.flatbuf.RecordBatch;
import org.apache.arrow.memory.ArrowBuf;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.memory.ForeignAllocation;
import org.apache.arrow.memory.RootAllocator;
import org.apache.arrow.memory.util.MemoryUtil;
import org.apache.arrow.vector.VectorLoader;
import org.apache.arrow.vector.VectorSchemaRoot;
import org.apache.arrow.vector.ipc.message.ArrowBlock;
import org.apache.arrow.vector.ipc.message.ArrowFooter;
import org.apache.arrow.vector.ipc.message.ArrowRecordBatch;
import org.apache.arrow.vector.ipc.message.MessageSerializer;
import org.apache.arrow.vector.types.pojo.Schema;

/**
 * An Arrow IPC file that is mapped into memory. Each record batch has a mapping of its own, so a file may be larger than
 * 2 GB; the operating system reads a page when it is first used. Does not need Spark.
 */
public final class MappedArrowFile implements AutoCloseable {
    private static final byte[] MAGIC = "ARROW1".getBytes(StandardCharsets.US_ASCII);
    private static final int TAIL = Integer.BYTES + MAGIC.length;
    /** Precedes the length of a message since Arrow 0.15. */
    private static final int CONTINUATION = -1;

    private final BufferAllocator allocator = new RootAllocator();
    private final List<VectorSchemaRoot> batches = new ArrayList<>();
    private final Schema schema;

    private MappedArrowFile(FileChannel channel) throws IOException {
        ArrowFooter footer = footer(channel);
        this.schema = footer.getSchema();
        try {
            for (ArrowBlock block : footer.getRecordBatches()) {
                batches.add(map(channel, block));
            }
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
    public static MappedArrowFile open(Path path) {
        try (FileChannel channel = FileChannel.open(path, StandardOpenOption.READ)) {
            return new MappedArrowFile(channel);
        } catch (NoSuchFileException e) {
            throw new UserError("%s: no such file".formatted(path), e);
        } catch (IOException | RuntimeException e) {
            throw damaged(path, e);
        }
    }

    /** Returns the error for a file that can't be read. */
    static UserError damaged(Object file, Exception reason) {
        return new UserError(
                "%s: not a complete Arrow file (%s: %s); run the stage that made it again with --force"
                        .formatted(file, reason.getClass().getSimpleName(), reason.getMessage()),
                reason);
    }

    /** Returns the columns' names and types, and the metadata that was written with them. */
    public Schema schema() {
        return schema;
    }

    /** Returns the record batches in the file's order. They are valid until {@link #close}. */
    public List<VectorSchemaRoot> batches() {
        return Collections.unmodifiableList(batches);
    }

    private static ArrowFooter footer(FileChannel channel) throws IOException {
        long size = channel.size();
        if (size < 2L * MAGIC.length + TAIL) {
            throw new IOException("it has only " + size + " bytes");
        }
        ByteBuffer tail = read(channel, size - TAIL, TAIL);
        int length = tail.getInt();
        byte[] magic = new byte[MAGIC.length];
        tail.get(magic);
        if (!Arrays.equals(magic, MAGIC)) {
            throw new IOException("its last bytes are not " + new String(MAGIC, StandardCharsets.US_ASCII));
        }
        if (length <= 0 || length > size - TAIL) {
            throw new IOException("its footer cannot have " + length + " bytes");
        }
        return new ArrowFooter(Footer.getRootAsFooter(read(channel, size - TAIL - length, length)));
    }

    private static ByteBuffer read(FileChannel channel, long position, int length) throws IOException {
        ByteBuffer buffer = ByteBuffer.allocate(length).order(ByteOrder.LITTLE_ENDIAN);
        while (buffer.hasRemaining()) {
            if (channel.read(buffer, position + buffer.position()) < 0) {
                throw new IOException("it ends too early");
            }
        }
        return buffer.flip();
    }

    private VectorSchemaRoot map(FileChannel channel, ArrowBlock block) throws IOException {
        long length = block.getMetadataLength() + block.getBodyLength();
        if (block.getOffset() < 0 || block.getOffset() + length > channel.size()) {
            throw new IOException("a record batch lies beyond its end");
        }
        MappedByteBuffer mapped = channel.map(FileChannel.MapMode.READ_ONLY, block.getOffset(), length);
        ByteBuffer metadata = mapped.duplicate().order(ByteOrder.LITTLE_ENDIAN);
        int prefix = metadata.getInt(0) == CONTINUATION ? 2 * Integer.BYTES : Integer.BYTES;
        metadata.position(prefix);
        Message message = Message.getRootAsMessage(metadata);
        RecordBatch header = (RecordBatch) message.header(new RecordBatch());
        if (header == null) {
            throw new IOException("a record batch has no header");
        }
        VectorSchemaRoot root = VectorSchemaRoot.create(schema, allocator);
        ArrowBuf body = body(mapped, block);
        try (ArrowRecordBatch batch = MessageSerializer.deserializeRecordBatch(header, body)) {
            new VectorLoader(root).load(batch);
            return root;
        } catch (IOException | RuntimeException e) {
            root.close();
            if (body.refCnt() > 0) {
                body.close();
            }
            throw e;
        }
    }

    private ArrowBuf body(MappedByteBuffer mapped, ArrowBlock block) {
        long address = MemoryUtil.getByteBufferAddress(mapped) + block.getMetadataLength();
        return allocator.wrapForeignAllocation(new ForeignAllocation(block.getBodyLength(), address) {
            /** Keeps the mapping alive: it ends when nothing refers to it any more. */
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
