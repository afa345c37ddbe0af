package io.sparkqa.files;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/** A running checksum: SHA-256, or the hash by which git and the HuggingFace Hub name small files. */
public final class Checksum {
    private static final int BUFFER = 1 << 20;

    private final MessageDigest digest;

    private Checksum(String algorithm) {
        try {
            digest = MessageDigest.getInstance(algorithm);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("Every Java has " + algorithm, e);
        }
    }

    /** Begins a SHA-256 digest. */
    public static Checksum sha256() {
        return new Checksum("SHA-256");
    }

    /** Begins git's hash of a file with this number of bytes. */
    public static Checksum git(long size) {
        return new Checksum("SHA-1").add("blob " + size + "\0");
    }

    /** Adds a text as UTF-8. */
    public Checksum add(String text) {
        return add(text.getBytes(StandardCharsets.UTF_8));
    }

    /** Adds bytes. */
    public Checksum add(byte[] bytes) {
        digest.update(bytes);
        return this;
    }

    /** Adds a file's contents. */
    public Checksum add(Path file) throws IOException {
        byte[] buffer = new byte[BUFFER];
        try (InputStream in = Files.newInputStream(file)) {
            for (int read = in.read(buffer); read >= 0; read = in.read(buffer)) {
                digest.update(buffer, 0, read);
            }
        }
        return this;
    }

    /** Ends the checksum and returns its bytes. */
    public byte[] bytes() {
        return digest.digest();
    }

    /** Ends the checksum and returns it in hexadecimal digits. */
    public String hex() {
        return HexFormat.of().formatHex(bytes());
    }
}
