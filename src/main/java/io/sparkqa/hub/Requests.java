package io.sparkqa.hub;

import io.sparkqa.config.UserError;
import io.sparkqa.source.WebAddress;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeParseException;
import java.util.Optional;
import java.util.Set;

/**
 * Sends requests under the rules that hold for all of them: the token is sent to the Hub's own host and to no other, wherever
 * redirects lead; redirects never lead from https to http; a busy server is asked again.
 */
final class Requests {
    private static final int MOST_REDIRECTS = 10;
    private static final Set<Integer> REDIRECTS = Set.of(301, 302, 303, 307, 308);
    private static final Set<Integer> BUSY = Set.of(408, 425, 429, 500, 502, 503, 504);

    /** The redirects that are followed. */
    enum Redirects {
        /** Redirects to the same host. A redirect to another host is returned, since its headers describe the file. */
        ON_THE_SAME_HOST,
        EVERYWHERE
    }

    private final HubEnvironment environment;
    private final RetryPolicy.Limits limits;
    private final HttpClient client;
    private volatile boolean answered;

    Requests(HubEnvironment environment, RetryPolicy.Limits limits) {
        this.environment = environment;
        this.limits = limits;
        HttpClient.Builder builder = HttpClient.newBuilder()
                .version(HttpClient.Version.HTTP_1_1)
                .followRedirects(HttpClient.Redirect.NEVER)
                .connectTimeout(limits.silence())
                .proxy(environment.proxies());
        environment.proxies().logins().ifPresent(logins -> {
            // Lets Java send a password to a proxy for https; must be set before the first request.
            System.setProperty("jdk.http.auth.tunneling.disabledSchemes", "");
            builder.authenticator(logins);
        });
        client = builder.build();
    }

    /** Returns the policy for retries of requests to an address. */
    RetryPolicy retries(URI address) {
        String proxy = environment
                .proxies()
                .inWords(address)
                .map(place -> " (by the proxy " + place + ")")
                .orElse("");
        return new RetryPolicy(WebAddress.inWords(address) + proxy, limits, () -> answered);
    }

    /**
     * Sends one request and follows redirects.
     *
     * @param from first byte to request
     * @return the last response; its body must be closed
     * @throws RetryPolicy.AnsweredLater if the server is busy or limits the rate of requests
     */
    HttpResponse<InputStream> send(String method, URI address, long from, Redirects redirects)
            throws IOException, InterruptedException {
        URI at = address;
        for (int i = 0; i <= MOST_REDIRECTS; i++) {
            HttpResponse<InputStream> answer =
                    client.send(request(method, at, from), HttpResponse.BodyHandlers.ofInputStream());
            answered = true;
            if (BUSY.contains(answer.statusCode())) {
                answer.body().close();
                throw new RetryPolicy.AnsweredLater(
                        "the server answers %s".formatted(answer.statusCode()), retryAfter(answer));
            }
            Optional<String> location = answer.headers().firstValue("Location");
            if (!REDIRECTS.contains(answer.statusCode()) || location.isEmpty()) {
                return answer;
            }
            URI next = target(address, at, location.get());
            if (redirects == Redirects.ON_THE_SAME_HOST && !Origin.of(at).equals(Origin.of(next))) {
                return answer;
            }
            answer.body().close();
            at = next;
        }
        throw new UserError("%s: more than %s redirects, probably in a circle"
                .formatted(WebAddress.inWords(address), MOST_REDIRECTS));
    }

    private HttpRequest request(String method, URI address, long from) {
        HttpRequest.Builder request = HttpRequest.newBuilder(address)
                .method(method, HttpRequest.BodyPublishers.noBody())
                .timeout(limits.silence())
                .header("User-Agent", "spark-qa")
                .header("Accept-Encoding", "identity");
        if (from > 0) {
            request.header("Range", "bytes=" + from + "-");
        }
        environment
                .token()
                .filter(token -> Origin.of(address).equals(Origin.of(environment.endpoint())))
                .ifPresent(token -> request.header("Authorization", "Bearer " + token.secret()));
        return request.build();
    }

    private static URI target(URI first, URI at, String location) {
        Optional<URI> next;
        try {
            next = WebAddress.parse(at.resolve(location).toString());
        } catch (IllegalArgumentException e) {
            next = Optional.empty();
        }
        if (next.isEmpty()
                || (first.getScheme().equals("https") && next.get().getScheme().equals("http"))) {
            throw new UserError("%s: the server redirects to an address that is not https; the redirect is not followed"
                    .formatted(WebAddress.inWords(at)));
        }
        return next.get();
    }

    private static Optional<Duration> retryAfter(HttpResponse<?> answer) {
        return answer.headers().firstValue("Retry-After").flatMap(text -> {
            if (text.matches("\\d{1,9}")) {
                return Optional.of(Duration.ofSeconds(Long.parseLong(text)));
            }
            try {
                ZonedDateTime until = ZonedDateTime.parse(text, DateTimeFormatter.RFC_1123_DATE_TIME);
                Duration wait = Duration.between(ZonedDateTime.now(until.getZone()), until);
                return Optional.of(wait.isNegative() ? Duration.ZERO : wait);
            } catch (DateTimeParseException e) {
                return Optional.empty();
            }
        });
    }

    /** Returns a response's body as a stream that fails if the server sends nothing for a while. */
    InputStream guarded(HttpResponse<InputStream> answer) {
        return new StallGuard(answer.body(), limits.silence());
    }
}
