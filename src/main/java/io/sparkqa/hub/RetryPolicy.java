package io.sparkqa.hub;

import io.sparkqa.config.UserError;
import java.io.IOException;
import java.net.ConnectException;
import java.net.http.HttpConnectTimeoutException;
import java.nio.channels.UnresolvedAddressException;
import java.security.cert.CertificateException;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.BooleanSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Waits before a failed request is tried again: twice as long after each failure, or as long as the server asks.
 */
final class RetryPolicy {
    private static final Logger LOG = LoggerFactory.getLogger("io.sparkqa.fetch");
    private static final int TRIES_TO_CONNECT = 3;
    private static final Duration LONGEST_ASKED = Duration.ofMinutes(10);

    /** The number of tries, the pause after the first failure, and how long a server may send nothing. */
    record Limits(int tries, Duration firstPause, Duration silence) {
        static final Limits ORDINARY = new Limits(6, Duration.ofSeconds(1), Duration.ofSeconds(30));
    }

    /** A server's response that may change when the request is repeated. */
    static final class AnsweredLater extends IOException {
        private static final long serialVersionUID = 1L;

        private final transient Optional<Duration> wait;

        /** @param wait the time that the server asks to wait, if any */
        AnsweredLater(String message, Optional<Duration> wait) {
            super(message);
            this.wait = wait;
        }
    }

    /** A request that may be repeated. */
    @FunctionalInterface
    interface Attempt<T> {
        T make() throws IOException, InterruptedException;
    }

    private final String what;
    private final Limits limits;
    private final BooleanSupplier network;
    private int failures;

    /**
     * @param what the requested address, for error messages
     * @param network returns whether any server has responded; if none has, there may be no network
     */
    RetryPolicy(String what, Limits limits, BooleanSupplier network) {
        this.what = what;
        this.limits = limits;
        this.network = network;
    }

    /** Repeats an attempt until it succeeds. */
    <T> T until(Attempt<T> attempt) throws InterruptedException {
        while (true) {
            try {
                return attempt.make();
            } catch (IOException e) {
                waitAfter(e);
            }
        }
    }

    /** Resets the number of failures after progress was made. */
    void reset() {
        failures = 0;
    }

    /**
     * Waits before the next attempt.
     *
     * @throws UserError if there were too many failures, or if this one is permanent
     */
    void waitAfter(IOException problem) throws InterruptedException {
        failures++;
        if (isDistrust(problem)) {
            throw new UserError(
                    "%s: the connection can't be trusted: %s; if a proxy inserts a certificate of its own, name a trust store that contains it with JAVA_TOOL_OPTIONS=-Djavax.net.ssl.trustStore=FILE"
                            .formatted(what, problem.getMessage()),
                    problem);
        }
        boolean connected = !(problem instanceof ConnectException || problem instanceof HttpConnectTimeoutException);
        int tries = connected || network.getAsBoolean() ? limits.tries() : Math.min(limits.tries(), TRIES_TO_CONNECT);
        Duration pause = pause(problem);
        boolean tooLong = pause.compareTo(LONGEST_ASKED) > 0;
        if (failures >= tries || tooLong) {
            throw new UserError(
                    "%s: %s (tried %s times); %s"
                            .formatted(
                                    what,
                                    inWords(problem),
                                    failures,
                                    tooLong
                                            ? "the server asks to wait for %s minutes: try again then"
                                                    .formatted(pause.toMinutes())
                                            : connected
                                                    ? "try again later: what was received so far is kept"
                                                    : "check that this machine has a network (on a cluster, only login nodes may have one), and set HTTPS_PROXY if it needs a proxy"),
                    problem);
        }
        LOG.warn("{}: {}; trying again in {} s", what, inWords(problem), (pause.toMillis() + 999) / 1000);
        Thread.sleep(pause.toMillis());
    }

    private static boolean isDistrust(Throwable problem) {
        return problem instanceof CertificateException
                || (problem.getCause() != null && isDistrust(problem.getCause()));
    }

    private Duration pause(IOException problem) {
        long millis = limits.firstPause().toMillis() << (failures - 1);
        // Partly random, so that clients that failed together don't retry together.
        Duration own = Duration.ofMillis(millis + ThreadLocalRandom.current().nextLong(millis / 4 + 1));
        return problem instanceof AnsweredLater later ? later.wait.orElse(own) : own;
    }

    private static String inWords(IOException problem) {
        if (problem.getCause() instanceof UnresolvedAddressException) {
            return "unknown host";
        }
        if (problem instanceof ConnectException || problem instanceof HttpConnectTimeoutException) {
            return "no connection";
        }
        return Optional.ofNullable(problem.getMessage())
                .orElse(problem.getClass().getSimpleName());
    }
}
