package io.sparkqa.hub;

import io.sparkqa.config.UserError;
import io.sparkqa.files.Staging;
import io.sparkqa.source.WebAddress;
import java.io.IOException;
import java.io.InputStream;
import java.net.http.HttpResponse;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Locale;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.LongConsumer;

/**
 * Downloads one file into the cache as a blob. Continues where an earlier try stopped, accepts no more bytes than
 * announced, verifies the checksum, and only then gives the file the blob's name.
 */
final class Download {
    private static final int BUFFER = 1 << 17;
    private static final int MOST_MISMATCHES = 2;

    private final Requests requests;
    private final RemoteFile file;
    private final CachedRepository repository;
    private final LongConsumer progress;
    private final Function<HttpResponse<?>, UserError> refusal;

    private final Path incomplete;

    /**
     * @param progress receives the number of bytes that arrived, negative if bytes are discarded
     * @param refusal returns the error for a response that is permanent
     */
    Download(
            Requests requests,
            RemoteFile file,
            CachedRepository repository,
            LongConsumer progress,
            Function<HttpResponse<?>, UserError> refusal) {
        this.requests = requests;
        this.file = file;
        this.repository = repository;
        this.progress = progress;
        this.refusal = refusal;
        this.incomplete = repository.incomplete(file.blob());
    }

    /** Returns whether the blob exists and has the announced size. */
    static boolean isPresent(RemoteFile file, CachedRepository repository) {
        Path blob = repository.blob(file.blob());
        return Files.isRegularFile(blob) && blob.toFile().length() == file.size();
    }

    /** Returns the number of bytes of the blob that an earlier try received. */
    static long received(RemoteFile file, CachedRepository repository) {
        return Math.min(file.size(), repository.incomplete(file.blob()).toFile().length());
    }

    /**
     * Downloads the blob.
     *
     * @param forced whether to download even if the blob exists
     * @return whether this call downloaded the blob; another fetch may have done so meanwhile
     * @throws UserError if the server refuses, or sends other bytes than announced
     */
    boolean run(boolean forced) throws IOException, InterruptedException {
        try (FetchLock lock = FetchLock.take(repository.lock(file.blob()))) {
            if (!forced && isPresent(file, repository)) {
                progress.accept(file.size() - received(file, repository));
                return false;
            }
            Files.createDirectories(incomplete.getParent());
            RetryPolicy retries = requests.retries(file.address());
            for (int mismatches = 0; ; ) {
                long before = incomplete.toFile().length();
                try {
                    receive();
                } catch (WriteFailed e) {
                    throw e.userError(incomplete);
                } catch (IOException e) {
                    if (incomplete.toFile().length() > before) {
                        retries.reset();
                    }
                    retries.waitAfter(e);
                    continue;
                }
                Optional<String> mismatch = file.mismatch(incomplete);
                if (mismatch.isEmpty()) {
                    break;
                }
                startAnew();
                if (++mismatches == MOST_MISMATCHES) {
                    throw new UserError(
                            "%s: the received file was damaged twice (%s) and discarded; try again; if that fails too, look for a proxy that changes files"
                                    .formatted(WebAddress.inWords(file.address()), mismatch.get()));
                }
            }
            Staging.publish(incomplete, repository.blob(file.blob()));
            return true;
        }
    }

    private void startAnew() throws IOException {
        progress.accept(-received(file, repository));
        Files.deleteIfExists(incomplete);
    }

    /** Requests the missing bytes and appends them. */
    private void receive() throws IOException, InterruptedException {
        if (incomplete.toFile().length() > file.size()) {
            startAnew();
        }
        long from = incomplete.toFile().length();
        if (from == file.size() && Files.exists(incomplete)) {
            return;
        }
        HttpResponse<InputStream> answer = requests.send("GET", file.address(), from, Requests.Redirects.EVERYWHERE);
        try (InputStream body = requests.guarded(answer)) {
            switch (answer.statusCode()) {
                case 200 -> {
                    // A server without support for ranges sends the whole file.
                    if (from > 0) {
                        startAnew();
                    }
                    write(body, answer, 0);
                }
                case 206 -> {
                    String range = answer.headers().firstValue("Content-Range").orElse("");
                    if (!range.startsWith("bytes " + from + "-")) {
                        startAnew();
                        throw new IOException("the server sends another range than requested");
                    }
                    write(body, answer, from);
                }
                case 416 -> {
                    startAnew();
                    throw new IOException("the server can't continue where the last try stopped");
                }
                default -> throw refusal.apply(answer);
            }
        }
    }

    private void write(InputStream body, HttpResponse<?> answer, long from) throws IOException, InterruptedException {
        long expected = file.size() - from;
        long announced = answer.headers().firstValueAsLong("Content-Length").orElse(expected);
        if (announced != expected) {
            throw wrongSize(announced + from);
        }
        try (FileChannel out = open()) {
            byte[] buffer = new byte[BUFFER];
            long rest = expected;
            for (int read = body.read(buffer); read >= 0; read = body.read(buffer)) {
                if (Thread.interrupted()) {
                    throw new InterruptedException("another download has failed");
                }
                if (read > rest) {
                    startAnew();
                    throw wrongSize(-1);
                }
                writeAll(out, ByteBuffer.wrap(buffer, 0, read));
                rest -= read;
                progress.accept(read);
            }
            if (rest > 0) {
                throw new IOException(String.format(
                        Locale.ROOT,
                        "the connection was cut off after %,d of %,d bytes",
                        file.size() - rest,
                        file.size()));
            }
            out.force(true);
        }
    }

    private FileChannel open() throws WriteFailed {
        try {
            return FileChannel.open(incomplete, StandardOpenOption.CREATE, StandardOpenOption.APPEND);
        } catch (IOException e) {
            throw new WriteFailed(e);
        }
    }

    private static void writeAll(FileChannel out, ByteBuffer bytes) throws WriteFailed {
        try {
            while (bytes.hasRemaining()) {
                out.write(bytes);
            }
        } catch (IOException e) {
            throw new WriteFailed(e);
        }
    }

    private UserError wrongSize(long size) {
        return new UserError(String.format(
                Locale.ROOT,
                "%s: the server announced %,d bytes but sends %s, so the file is rejected; try again later",
                WebAddress.inWords(file.address()),
                file.size(),
                size < 0 ? "more" : String.format(Locale.ROOT, "%,d", size)));
    }

    /** A failure to write to the disk, which is permanent. */
    private static final class WriteFailed extends IOException {
        private static final long serialVersionUID = 1L;

        WriteFailed(IOException cause) {
            super(cause);
        }

        UserError userError(Path file) {
            return new UserError(
                    "%s: can't be written: %s; free some space there, or set hub.cache (or HF_HUB_CACHE) to another folder of the shared file system; what was received so far is kept"
                            .formatted(file, getCause().getMessage()),
                    this);
        }
    }
}
