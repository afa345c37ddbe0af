package io.sparkqa.hub;

import io.sparkqa.config.UserError;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A lock that keeps two fetches, in one process or several, from writing the same blob. It ends with the process. */
final class FetchLock implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger("io.sparkqa.fetch");
    private static final long BETWEEN_TRIES_MS = 200;

    private final FileChannel channel;

    private FetchLock(FileChannel channel) {
        this.channel = channel;
    }

    /** Waits until the lock is free and takes it. */
    static FetchLock take(Path file) throws IOException, InterruptedException {
        Files.createDirectories(file.getParent());
        FileChannel channel = FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
        try {
            for (boolean said = false; !isTaken(channel); said = true) {
                if (!said) {
                    LOG.warn("another fetch is downloading the same file; waiting for it ({})", file);
                }
                Thread.sleep(BETWEEN_TRIES_MS);
            }
            return new FetchLock(channel);
        } catch (InterruptedException | RuntimeException e) {
            channel.close();
            throw e;
        }
    }

    private static boolean isTaken(FileChannel channel) {
        try {
            FileLock lock = channel.tryLock();
            return lock != null;
        } catch (OverlappingFileLockException e) {
            return false;
        } catch (IOException e) {
            throw new UserError(
                    "the file system of the cache does not support locks (%s); set hub.cache (or HF_HUB_CACHE) to a folder elsewhere"
                            .formatted(e.getMessage()),
                    e);
        }
    }

    @Override
    public void close() throws IOException {
        channel.close();
    }
}
