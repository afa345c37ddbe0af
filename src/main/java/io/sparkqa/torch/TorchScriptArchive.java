package io.sparkqa.torch;

import io.sparkqa.torch.TorchModule.Values;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.zip.CRC32;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;

/**
 * Packs a TorchScript module and its source into the archive that libtorch loads.
 *
 * <p>The archive is a zip of stored entries: the source under {@code code/}, the pickled module, the parameters' values under
 * {@code data/} as little-endian float32, an empty list of constants, and the format's version.
 */
final class TorchScriptArchive {
    private static final String VERSION = "10\n";

    /** Values that are written at a time. */
    private static final int CHUNK = 1 << 16;

    private TorchScriptArchive() {}

    /**
     * Writes the archive.
     *
     * @param module an object of a class that the source declares
     * @param source serialized TorchScript
     */
    static void write(OutputStream out, TorchModule module, String source) throws IOException {
        ModulePickle pickle = ModulePickle.of(module);
        ZipOutputStream zip = new ZipOutputStream(out);
        store(zip, "archive/data.pkl", pickle.bytes());
        store(zip, "archive/code/__torch__.py", source.getBytes(StandardCharsets.UTF_8));
        List<Values> tensors = pickle.tensors();
        for (int i = 0; i < tensors.size(); i++) {
            store(zip, "archive/data/" + i, tensors.get(i).values());
        }
        store(zip, "archive/constants.pkl", new byte[] {(byte) 0x80, 2, ')', '.'});
        store(zip, "archive/version", VERSION.getBytes(StandardCharsets.US_ASCII));
        zip.finish();
    }

    private static void store(ZipOutputStream zip, String name, byte[] content) throws IOException {
        CRC32 crc = new CRC32();
        crc.update(content);
        begin(zip, name, content.length, crc);
        zip.write(content);
        zip.closeEntry();
    }

    private static void store(ZipOutputStream zip, String name, FloatBuffer values) throws IOException {
        CRC32 crc = new CRC32();
        chunks(values, crc::update);
        begin(zip, name, (long) Float.BYTES * values.remaining(), crc);
        chunks(values, zip::write);
        zip.closeEntry();
    }

    private static void begin(ZipOutputStream zip, String name, long size, CRC32 crc) throws IOException {
        ZipEntry entry = new ZipEntry(name);
        entry.setMethod(ZipEntry.STORED);
        entry.setTime(0);
        entry.setSize(size);
        entry.setCrc(crc.getValue());
        zip.putNextEntry(entry);
    }

    /** Takes some bytes of a tensor. */
    @FunctionalInterface
    private interface Sink {
        void accept(byte[] bytes, int offset, int length) throws IOException;
    }

    private static void chunks(FloatBuffer values, Sink sink) throws IOException {
        ByteBuffer chunk = ByteBuffer.allocate(CHUNK * Float.BYTES).order(ByteOrder.LITTLE_ENDIAN);
        for (int from = values.position(); from < values.limit(); from += CHUNK) {
            int length = Math.min(CHUNK, values.limit() - from);
            chunk.asFloatBuffer().put(values.duplicate().position(from).limit(from + length));
            sink.accept(chunk.array(), 0, length * Float.BYTES);
        }
    }
}
