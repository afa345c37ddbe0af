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
 * Brings one file into the cache as a blob: goes on where an earlier try stopped, takes no byte more than announced,
 * verifies the whole, and only then gives it the blob's name.
 */
final class Download {
    private static final int BUFFER = 1 << 17;
    private static final int MOST_WRONG = 2;

    private final Requests requests;
    private final RemoteFile file;
    private final CachedRepository repository;
    private final LongConsumer came;
    private final Function<HttpResponse<?>, UserError> refusal;

    private final Path incomplete;

    /**
     * @param came told of every byte that comes, and with a negative number of bytes that turn out useless
     * @param refusal the error for an answer that will stay what it is
     */
    Download(
            Requests requests,
            RemoteFile file,
            CachedRepository repository,
            LongConsumer came,
            Function<HttpResponse<?>, UserError> refusal) {
        this.requests = requests;
        this.file = file;
        this.repository = repository;
        this.came = came;
        this.refusal = refusal;
        this.incomplete = repository.incomplete(file.blob());
    }

    /** Whether the blob is there, as far as its size tells. */
    static boolean isThere(RemoteFile file, CachedRepository repository) {
        Path blob = repository.blob(file.blob());
        return Files.isRegularFile(blob) && blob.toFile().length() == file.size();
    }

    /** Bytes of the blob that an earlier try has left. */
    static long left(RemoteFile file, CachedRepository repository) {
        return Math.min(file.size(), repository.incomplete(file.blob()).toFile().length());
    }

    /**
     * Makes the blob. Says whether it had to: another fetch may have done so meanwhile.
     *
     * @param again even if it is there
     * @throws UserError if the server refuses, or what it sends is not what was announced
     */
    boolean run(boolean again) throws IOException, InterruptedException {
        try (FetchLock lock = FetchLock.take(repository.lock(file.blob()))) {
            if (!again && isThere(file, repository)) {
                came.accept(file.size() - left(file, repository));
                return false;
            }
            Files.createDirectories(incomplete.getParent());
            RetryPolicy patience = requests.patience(file.address());
            for (int wrong = 0; ; ) {
                long before = incomplete.toFile().length();
                try {
                    receive();
                } catch (Full e) {
                    throw e.inWords(incomplete);
                } catch (IOException e) {
                    if (incomplete.toFile().length() > before) {
                        patience.reset();
                    }
                    patience.waitAfter(e);
                    continue;
                }
                Optional<String> mismatch = file.mismatch(incomplete);
                if (mismatch.isEmpty()) {
                    break;
                }
                startAnew();
                if (++wrong == MOST_WRONG) {
                    throw new UserError(
                            "%s: what has come is not the file (%s); it was thrown away, twice: try again, and if it stays so, something on the way changes it"
                                    .formatted(WebAddress.inWords(file.address()), mismatch.get()));
                }
            }
            Staging.publish(incomplete, repository.blob(file.blob()));
            return true;
        }
    }

    private void startAnew() throws IOException {
        came.accept(-left(file, repository));
        Files.deleteIfExists(incomplete);
    }

    /** Asks for what is missing and writes it. */
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
                    // a server that knows no ranges sends all of it
                    if (from > 0) {
                        startAnew();
                    }
                    write(body, answer, 0);
                }
                case 206 -> {
                    String range = answer.headers().firstValue("Content-Range").orElse("");
                    if (!range.startsWith("bytes " + from + "-")) {
                        startAnew();
                        throw new IOException("the server sends another range than it was asked for");
                    }
                    write(body, answer, from);
                }
                case 416 -> {
                    startAnew();
                    throw new IOException("the server can't go on where the last try stopped");
                }
                default -> throw refusal.apply(answer);
            }
        }
    }

    private void write(InputStream body, HttpResponse<?> answer, long from) throws IOException, InterruptedException {
        long expected = file.size() - from;
        long announced = answer.headers().firstValueAsLong("Content-Length").orElse(expected);
        if (announced != expected) {
            throw lies(announced + from);
        }
        try (FileChannel out = open()) {
            byte[] buffer = new byte[BUFFER];
            long rest = expected;
            for (int read = body.read(buffer); read >= 0; read = body.read(buffer)) {
                if (Thread.interrupted()) {
                    throw new InterruptedException("another file has failed");
                }
                if (read > rest) {
                    startAnew();
                    throw lies(-1);
                }
                writeAll(out, ByteBuffer.wrap(buffer, 0, read));
                rest -= read;
                came.accept(read);
            }
            if (rest > 0) {
                throw new IOException(
                        "the connection was cut off after %,d of %,d bytes".formatted(file.size() - rest, file.size()));
            }
            out.force(true);
        }
    }

    private FileChannel open() throws Full {
        try {
            return FileChannel.open(incomplete, StandardOpenOption.CREATE, StandardOpenOption.APPEND);
        } catch (IOException e) {
            throw new Full(e);
        }
    }

    private static void writeAll(FileChannel out, ByteBuffer bytes) throws Full {
        try {
            while (bytes.hasRemaining()) {
                out.write(bytes);
            }
        } catch (IOException e) {
            throw new Full(e);
        }
    }

    private UserError lies(long size) {
        return new UserError("%s: the server announced %,d bytes and now sends %s; it is not taken: try again later"
                .formatted(
                        WebAddress.inWords(file.address()),
                        file.size(),
                        size < 0 ? "more" : String.format(Locale.ROOT, "%,d", size)));
    }

    /** The disk does not take what comes, which no further try mends. */
    private static final class Full extends IOException {
        private static final long serialVersionUID = 1L;

        Full(IOException cause) {
            super(cause);
        }

        UserError inWords(Path file) {
            return new UserError(
                    "%s: can't be written: %s; make room there, or set hub.cache (or HF_HUB_CACHE) to another folder of the shared file system: what has come so far is kept"
                            .formatted(file, getCause().getMessage()),
                    this);
        }
    }
}
