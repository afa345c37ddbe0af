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
 * Waits before something that failed is tried again: twice as long after each failure, or as long as the server asks.
 */
final class RetryPolicy {
    private static final Logger LOG = LoggerFactory.getLogger("io.sparkqa.fetch");
    private static final int TRIES_TO_CONNECT = 3;
    private static final Duration LONGEST_ASKED = Duration.ofMinutes(10);

    /** How often something is tried, the pause after the first failure, and how long a server may send nothing. */
    record Limits(int tries, Duration firstPause, Duration silence) {
        static final Limits ORDINARY = new Limits(6, Duration.ofSeconds(1), Duration.ofSeconds(30));
    }

    /** A server's answer that may be another one later. */
    static final class AnsweredLater extends IOException {
        private static final long serialVersionUID = 1L;

        private final transient Optional<Duration> wait;

        /** @param wait how long the server asks to wait, if it does */
        AnsweredLater(String message, Optional<Duration> wait) {
            super(message);
            this.wait = wait;
        }
    }

    /** Something that is tried. */
    @FunctionalInterface
    interface Attempt<T> {
        T make() throws IOException, InterruptedException;
    }

    private final String what;
    private final Limits limits;
    private final BooleanSupplier network;
    private int failures;

    /**
     * @param what is tried, for error messages: an address
     * @param network whether any server has answered so far; if not, there may be no network
     */
    RetryPolicy(String what, Limits limits, BooleanSupplier network) {
        this.what = what;
        this.limits = limits;
        this.network = network;
    }

    /** Tries until there is a result. */
    <T> T until(Attempt<T> attempt) throws InterruptedException {
        while (true) {
            try {
                return attempt.make();
            } catch (IOException e) {
                waitAfter(e);
            }
        }
    }

    /** Something was reached: failures before it don't count any more. */
    void reset() {
        failures = 0;
    }

    /**
     * Waits.
     *
     * @throws UserError if it has failed too often, or for a reason that will stay
     */
    void waitAfter(IOException problem) throws InterruptedException {
        failures++;
        if (isDistrust(problem)) {
            throw new UserError(
                    "%s: the connection can't be trusted: %s; if a proxy here puts in a certificate of its own, name a trust store that has it by JAVA_TOOL_OPTIONS=-Djavax.net.ssl.trustStore=FILE"
                            .formatted(what, problem.getMessage()),
                    problem);
        }
        boolean connected = !(problem instanceof ConnectException || problem instanceof HttpConnectTimeoutException);
        int tries = connected || network.getAsBoolean() ? limits.tries() : Math.min(limits.tries(), TRIES_TO_CONNECT);
        Duration pause = pause(problem);
        boolean tooLong = pause.compareTo(LONGEST_ASKED) > 0;
        if (failures >= tries || tooLong) {
            throw new UserError(
                    "%s: %s (tried %d times); %s"
                            .formatted(
                                    what,
                                    inWords(problem),
                                    failures,
                                    tooLong
                                            ? "it asks to wait for %d minutes: try again then"
                                                    .formatted(pause.toMinutes())
                                            : connected
                                                    ? "try again later: what has come so far is kept"
                                                    : "is there a network here? On a cluster only the login nodes may have one; a proxy is named by HTTPS_PROXY"),
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
        // so that many who were refused at once don't come back at once
        Duration own = Duration.ofMillis(millis + ThreadLocalRandom.current().nextLong(millis / 4 + 1));
        return problem instanceof AnsweredLater later ? later.wait.orElse(own) : own;
    }

    private static String inWords(IOException problem) {
        if (problem.getCause() instanceof UnresolvedAddressException) {
            return "no machine of this name is known here";
        }
        if (problem instanceof ConnectException || problem instanceof HttpConnectTimeoutException) {
            return "no connection";
        }
        return Optional.ofNullable(problem.getMessage())
                .orElse(problem.getClass().getSimpleName());
    }
}
