package io.sparkqa.hub;

import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.time.Duration;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;

/** A stream that fails if no byte arrives for a while, instead of waiting forever. */
final class StallGuard extends FilterInputStream {
    private static final ScheduledThreadPoolExecutor CLOCK = new ScheduledThreadPoolExecutor(1, work -> {
        Thread thread = new Thread(work, "stall-guard");
        thread.setDaemon(true);
        return thread;
    });

    private final Duration silence;
    private final ScheduledFuture<?> watch;
    private volatile long lastByte = System.nanoTime();
    private volatile boolean stalled;

    StallGuard(InputStream in, Duration silence) {
        super(in);
        this.silence = silence;
        long between = Math.max(1, silence.toMillis() / 4);
        this.watch = CLOCK.scheduleWithFixedDelay(this::check, between, between, TimeUnit.MILLISECONDS);
    }

    private void check() {
        if (System.nanoTime() - lastByte > silence.toNanos()) {
            stalled = true;
            try {
                in.close();
            } catch (IOException e) {
                // The reader fails in any case.
            }
        }
    }

    @Override
    public int read() throws IOException {
        byte[] one = new byte[1];
        return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
    }

    @Override
    public int read(byte[] buffer, int offset, int length) throws IOException {
        try {
            int read = in.read(buffer, offset, length);
            lastByte = System.nanoTime();
            if (stalled) {
                throw stallError(null);
            }
            return read;
        } catch (IOException e) {
            throw stalled ? stallError(e) : e;
        }
    }

    private IOException stallError(IOException cause) {
        return new IOException("no data for %s s".formatted(Math.max(1, silence.toSeconds())), cause);
    }

    @Override
    public void close() throws IOException {
        watch.cancel(false);
        in.close();
    }
}
