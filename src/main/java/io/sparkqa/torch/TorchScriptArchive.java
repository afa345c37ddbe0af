package io.sparkqa.torch;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.zip.CRC32;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;

/**
 * Packs the source of a TorchScript module without parameters into the archive that libtorch loads.
 *
 * <p>The archive is a zip of stored entries: the source under {@code code/}, a pickled object of the module's class with
 * its only attribute {@code training} (a few fixed bytes that only libtorch unpickles), an empty list of constants, and the
 * format's version.
 */
final class TorchScriptArchive {
    private static final String VERSION = "10\n";

    private TorchScriptArchive() {}

    /**
     * Returns the archive's bytes.
     *
     * @param className the module's class, as in {@code class Roberta(Module)}
     * @param source serialized TorchScript
     */
    static byte[] of(String className, String source) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (ZipOutputStream zip = new ZipOutputStream(bytes)) {
            store(zip, "archive/data.pkl", module(className));
            store(zip, "archive/code/__torch__.py", source.getBytes(StandardCharsets.UTF_8));
            store(zip, "archive/constants.pkl", new byte[] {(byte) 0x80, 2, ')', '.'});
            store(zip, "archive/version", VERSION.getBytes(StandardCharsets.US_ASCII));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return bytes.toByteArray();
    }

    private static byte[] module(String className) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        out.writeBytes(new byte[] {(byte) 0x80, 2});
        out.writeBytes(("c__torch__\n" + className + "\n").getBytes(StandardCharsets.US_ASCII));
        out.writeBytes(new byte[] {')', (byte) 0x81, '}', '(', 'X', 8, 0, 0, 0});
        out.writeBytes("training".getBytes(StandardCharsets.US_ASCII));
        out.writeBytes(new byte[] {(byte) 0x88, 'u', 'b', '.'});
        return out.toByteArray();
    }

    private static void store(ZipOutputStream zip, String name, byte[] content) throws IOException {
        CRC32 crc = new CRC32();
        crc.update(content);
        ZipEntry entry = new ZipEntry(name);
        entry.setMethod(ZipEntry.STORED);
        entry.setSize(content.length);
        entry.setCrc(crc.getValue());
        zip.putNextEntry(entry);
        zip.write(content);
        zip.closeEntry();
    }
}
