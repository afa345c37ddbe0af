package io.sparkqa.arrow;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.SeekableByteChannel;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.apache.arrow.flatbuf.Block;
import org.apache.arrow.flatbuf.Field;
import org.apache.arrow.flatbuf.Footer;
import org.apache.arrow.flatbuf.KeyValue;
import org.apache.arrow.vector.ipc.message.ArrowBlock;
import org.apache.arrow.vector.types.pojo.Schema;

/**
 * The footer of an Arrow IPC file: its schema and the places of its record batches. It is checked against the file's size
 * before Arrow's library reads it, since the library trusts lengths and offsets.
 *
 * @param blocks in the order of the file, not overlapping, all within the file
 */
record ArrowLayout(Schema schema, List<ArrowBlock> blocks) {
    private static final byte[] MAGIC = "ARROW1".getBytes(StandardCharsets.US_ASCII);
    private static final int TAIL = Integer.BYTES + MAGIC.length;

    /** Largest footer; enough for a million record batches. */
    private static final int MAX_FOOTER_BYTES = 32 << 20;

    /** Deepest nesting of columns; windows need two levels. */
    private static final int MAX_DEPTH = 16;

    /** Smallest metadata of a record batch: the length of a message. */
    private static final int MIN_METADATA_BYTES = 2 * Integer.BYTES;

    /**
     * Reads the footer of a file.
     *
     * @throws IOException if the footer is broken, with the reason; it may also lead to unchecked exceptions
     */
    static ArrowLayout read(SeekableByteChannel file) throws IOException {
        long size = file.size();
        if (size < 2L * MAGIC.length + TAIL) {
            throw new IOException("it has only " + size + " bytes");
        }
        ByteBuffer tail = read(file, size - TAIL, TAIL);
        int length = tail.getInt();
        byte[] magic = new byte[MAGIC.length];
        tail.get(magic);
        if (!Arrays.equals(magic, MAGIC)) {
            throw new IOException("its last bytes are not " + new String(MAGIC, StandardCharsets.US_ASCII));
        }
        if (length <= 0 || length > size - TAIL || length > MAX_FOOTER_BYTES) {
            throw new IOException("its footer can't have " + length + " bytes");
        }
        long end = size - TAIL - length;
        Footer footer = Footer.getRootAsFooter(read(file, end, length));
        new SchemaCheck(length).check(footer);
        return new ArrowLayout(Schema.convertSchema(footer.schema()), blocks(footer, end));
    }

    private static ByteBuffer read(SeekableByteChannel file, long position, int length) throws IOException {
        ByteBuffer buffer = ByteBuffer.allocate(length).order(ByteOrder.LITTLE_ENDIAN);
        file.position(position);
        while (buffer.hasRemaining()) {
            if (file.read(buffer) < 0) {
                throw new IOException("it is truncated");
            }
        }
        return buffer.flip();
    }

    private static List<ArrowBlock> blocks(Footer footer, long end) throws IOException {
        if (footer.dictionariesLength() > 0) {
            throw new IOException("it has dictionaries, which the format arrow does not use");
        }
        List<ArrowBlock> blocks = new ArrayList<>();
        long free = MAGIC.length;
        for (int i = 0; i < footer.recordBatchesLength(); i++) {
            Block block = footer.recordBatches(i);
            int metadata = block.metaDataLength();
            long body = block.bodyLength();
            if (block.offset() < free
                    || metadata < MIN_METADATA_BYTES
                    || body < 0
                    || block.offset() > end
                    || metadata > end - block.offset()
                    || body > end - block.offset() - metadata) {
                throw new IOException("record batch %s is not inside it: offset %s, metadata of %s and body of %s bytes"
                        .formatted(i, block.offset(), metadata, body));
            }
            free = block.offset() + metadata + body;
            blocks.add(new ArrowBlock(block.offset(), metadata, body));
        }
        return blocks;
    }

    /** Checks that a schema is no larger than its footer; a forged one can be larger, by cycles. */
    private static final class SchemaCheck {
        private long budget;

        SchemaCheck(long budget) {
            this.budget = budget;
        }

        void check(Footer footer) throws IOException {
            if (footer.schema() == null) {
                throw new IOException("it has no schema");
            }
            for (int i = 0; i < footer.schema().fieldsLength(); i++) {
                check(footer.schema().fields(i), 1);
            }
            for (int i = 0; i < footer.schema().customMetadataLength(); i++) {
                check(footer.schema().customMetadata(i));
            }
        }

        private void check(Field field, int depth) throws IOException {
            spend(1, field.nameAsByteBuffer());
            if (depth > MAX_DEPTH) {
                throw new IOException("its columns are nested more than " + MAX_DEPTH + " deep");
            }
            if (field.dictionary() != null) {
                throw new IOException("it has dictionaries, which the format arrow does not use");
            }
            for (int i = 0; i < field.childrenLength(); i++) {
                check(field.children(i), depth + 1);
            }
            for (int i = 0; i < field.customMetadataLength(); i++) {
                check(field.customMetadata(i));
            }
        }

        private void check(KeyValue pair) throws IOException {
            spend(1, pair.keyAsByteBuffer());
            spend(1, pair.valueAsByteBuffer());
        }

        private void spend(long bytes, ByteBuffer text) throws IOException {
            budget -= bytes + (text == null ? 0 : text.remaining());
            if (budget < 0) {
                throw new IOException("its schema is larger than its footer");
            }
        }
    }
}
