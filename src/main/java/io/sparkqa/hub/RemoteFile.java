package io.sparkqa.hub;

import io.sparkqa.files.Checksum;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/**
 * A file as announced by its server.
 *
 * @param name path in the repository
 * @param address address to download it from
 * @param size size in bytes; more bytes are not accepted
 * @param blob name among the cache's blobs: the ETag, which is the SHA-256 of a large file and git's hash of a small one
 * @param sha256 the checksum that it must have, if known from another source
 */
record RemoteFile(String name, URI address, long size, String blob, Optional<String> sha256) {
    /** Returns how a downloaded file's checksum differs; empty if it agrees, or if no checksum is known. */
    Optional<String> mismatch(Path file) throws IOException {
        if (sha256.isPresent() || blob.matches("[0-9a-f]{64}")) {
            return difference(
                    "SHA-256", sha256.orElse(blob), Checksum.sha256().add(file).hex());
        }
        return blob.matches("[0-9a-f]{40}")
                ? difference(
                        "git hash",
                        blob,
                        Checksum.git(Files.size(file)).add(file).hex())
                : Optional.empty();
    }

    private static Optional<String> difference(String kind, String announced, String found) {
        return announced.equals(found)
                ? Optional.empty()
                : Optional.of("its %s is %s, announced was %s".formatted(kind, found, announced));
    }
}
