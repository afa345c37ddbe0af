package io.sparkqa.hub;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/** A running checksum of the kinds that the Hub announces. */
final class Sum {
    private static final int BUFFER = 1 << 20;

    private final MessageDigest digest;

    private Sum(String algorithm) {
        try {
            digest = MessageDigest.getInstance(algorithm);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("Every Java has " + algorithm, e);
        }
    }

    /** SHA-256, which names large files. */
    static Sum sha256() {
        return new Sum("SHA-256");
    }

    /** Git's hash of a file of so many bytes, which names small files. */
    static Sum git(long size) {
        Sum sum = new Sum("SHA-1");
        sum.add(("blob " + size + "\0").getBytes(StandardCharsets.US_ASCII));
        return sum;
    }

    void add(byte[] bytes) {
        digest.update(bytes);
    }

    Sum add(Path file) throws IOException {
        byte[] buffer = new byte[BUFFER];
        try (InputStream in = Files.newInputStream(file)) {
            for (int read = in.read(buffer); read >= 0; read = in.read(buffer)) {
                digest.update(buffer, 0, read);
            }
        }
        return this;
    }

    /** Ends the sum. */
    String hex() {
        return HexFormat.of().formatHex(digest.digest());
    }
}
