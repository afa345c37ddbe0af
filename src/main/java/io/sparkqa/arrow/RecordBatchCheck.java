package io.sparkqa.arrow;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;
import org.apache.arrow.flatbuf.Buffer;
import org.apache.arrow.flatbuf.FieldNode;
import org.apache.arrow.flatbuf.Message;
import org.apache.arrow.flatbuf.MessageHeader;
import org.apache.arrow.flatbuf.RecordBatch;
import org.apache.arrow.memory.ArrowBuf;
import org.apache.arrow.vector.BufferLayout;
import org.apache.arrow.vector.BufferLayout.BufferType;
import org.apache.arrow.vector.FieldVector;
import org.apache.arrow.vector.TypeLayout;
import org.apache.arrow.vector.VectorLoader;
import org.apache.arrow.vector.VectorSchemaRoot;
import org.apache.arrow.vector.complex.ListVector;
import org.apache.arrow.vector.ipc.message.ArrowRecordBatch;
import org.apache.arrow.vector.ipc.message.MessageSerializer;
import org.apache.arrow.vector.types.pojo.ArrowType;
import org.apache.arrow.vector.types.pojo.Field;

/**
 * Loads record batches into vectors after checking that all lengths and offsets stay within the batch. Arrow's library
 * trusts them: with a broken file it would read other memory or allocate too much. The check reads the offsets of lists and
 * texts, but not their elements.
 */
final class RecordBatchCheck {
    /** Precedes the length of a message since Arrow 0.15. */
    private static final int CONTINUATION = -1;

    private final RecordBatch header;
    private final ArrowBuf body;
    private int nodes;
    private int buffers;

    private RecordBatchCheck(RecordBatch header, ArrowBuf body) {
        this.header = header;
        this.body = body;
    }

    /**
     * Loads a record batch.
     *
     * @param root the vectors
     * @param metadata metadata of the batch, with its length before it
     * @param body the batch's buffers; the vectors keep references of their own, and the caller must release its reference
     * @throws IOException if the batch is broken, with the reason; it may also lead to unchecked exceptions
     */
    static void load(VectorSchemaRoot root, ByteBuffer metadata, ArrowBuf body) throws IOException {
        RecordBatch header = header(metadata.duplicate().order(ByteOrder.LITTLE_ENDIAN));
        new RecordBatchCheck(header, body).check(root.getSchema().getFields());
        body.getReferenceManager().retain(); // deserializeRecordBatch releases it once
        try (ArrowRecordBatch batch = MessageSerializer.deserializeRecordBatch(header, body)) {
            new VectorLoader(root).load(batch);
        }
        for (FieldVector column : root.getFieldVectors()) {
            if (column instanceof ListVector list && list.getDataVector().getNullCount() > 0) {
                throw new IOException("the arrays of %s have missing elements, which the format arrow does not support"
                        .formatted(column.getName()));
            }
        }
    }

    private static RecordBatch header(ByteBuffer metadata) throws IOException {
        metadata.position(metadata.getInt(0) == CONTINUATION ? 2 * Integer.BYTES : Integer.BYTES);
        Message message = Message.getRootAsMessage(metadata);
        if (message.headerType() != MessageHeader.RecordBatch) {
            throw new IOException("a record batch has another header");
        }
        RecordBatch header = (RecordBatch) message.header(new RecordBatch());
        if (header == null) {
            throw new IOException("a record batch has no header");
        }
        if (header.compression() != null) {
            throw new IOException("a record batch is compressed, which the format arrow does not support");
        }
        return header;
    }

    private void check(List<Field> columns) throws IOException {
        if (header.length() < 0 || header.length() > Integer.MAX_VALUE) {
            throw broken("the record batch", "rows", header.length());
        }
        for (Field column : columns) {
            check(column, header.length(), true);
        }
        if (nodes != header.nodesLength() || buffers != header.buffersLength()) {
            throw new IOException("a record batch has other columns than the schema");
        }
    }

    /** Checks a column, or the elements of a list, which must be as many as the list's offsets need. */
    private void check(Field field, long needed, boolean exactly) throws IOException {
        if (nodes >= header.nodesLength()) {
            throw new IOException("a record batch has other columns than the schema");
        }
        FieldNode node = header.nodes(nodes++);
        long length = node.length();
        if (length < needed || (exactly && length > needed) || length > Integer.MAX_VALUE) {
            throw broken(field.getName(), "values", length);
        }
        if (node.nullCount() < 0 || node.nullCount() > length) {
            throw broken(field.getName(), "nulls", node.nullCount());
        }
        boolean isList = field.getType() instanceof ArrowType.List;
        if (field.getChildren().size() != (isList ? 1 : 0)) {
            throw new IOException("column %s is of type %s, which the format arrow does not support"
                    .formatted(field.getName(), field.getType()));
        }
        long elements = 0;
        boolean hasOffsets = false;
        for (BufferLayout layout : TypeLayout.getTypeLayout(field.getType()).getBufferLayouts()) {
            Buffer buffer = nextBuffer(field);
            if (layout.getType() == BufferType.VALIDITY) {
                requireBytes(field, buffer, node.nullCount() == 0 ? 0 : (length + 7) / 8);
            } else if (layout.getType() == BufferType.OFFSET) {
                hasOffsets = true;
                elements = lastOffset(field, buffer, length, layout.getTypeBitWidth() / 8);
            } else if (layout.getType() == BufferType.DATA) {
                requireBytes(field, buffer, hasOffsets ? elements : bytes(length, layout.getTypeBitWidth()));
            } else {
                throw new IOException("column %s is of type %s, which the format arrow does not support"
                        .formatted(field.getName(), field.getType()));
            }
        }
        if (isList) {
            check(field.getChildren().get(0), elements, false);
        }
    }

    private Buffer nextBuffer(Field field) throws IOException {
        if (buffers >= header.buffersLength()) {
            throw new IOException("a record batch has other columns than the schema");
        }
        Buffer buffer = header.buffers(buffers++);
        long capacity = body.capacity();
        if (buffer.offset() < 0 || buffer.length() < 0 || buffer.offset() > capacity - buffer.length()) {
            throw new IOException("a buffer of column %s is not inside its record batch: offset %s, %s bytes"
                    .formatted(field.getName(), buffer.offset(), buffer.length()));
        }
        return buffer;
    }

    private static long bytes(long values, int bits) {
        return (values * bits + 7) / 8;
    }

    private static void requireBytes(Field field, Buffer buffer, long needed) throws IOException {
        if (buffer.length() < needed) {
            throw broken(field.getName(), "bytes, but needs " + needed, buffer.length());
        }
    }

    /** Checks that offsets are not negative and never decrease. Returns the last one, or 0 if there is none. */
    private long lastOffset(Field field, Buffer buffer, long length, int width) throws IOException {
        if (length == 0) {
            return 0;
        }
        requireBytes(field, buffer, (length + 1) * width);
        long last = 0;
        for (long i = 0, at = buffer.offset(); i <= length; i++, at += width) {
            long offset = width == Integer.BYTES ? body.getInt(at) : body.getLong(at);
            if (offset < last) {
                throw broken(field.getName(), "as an offset after " + last, offset);
            }
            last = offset;
        }
        return last;
    }

    private static IOException broken(String column, String what, long found) {
        return new IOException("%s has %s %s".formatted(column, found, what));
    }
}
