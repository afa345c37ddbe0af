package io.sparkqa.hub;

import io.sparkqa.config.Reason;
import io.sparkqa.config.UserError;
import io.sparkqa.source.WebAddress;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/**
 * The Hub's address, token and proxies, from the environment variables of the Hub's own clients.
 *
 * @param endpoint HF_ENDPOINT, without trailing slash
 * @param token HF_TOKEN, or the contents of the file HF_TOKEN_PATH or {@code token} in HF_HOME
 * @param proxies HTTPS_PROXY, HTTP_PROXY, ALL_PROXY and NO_PROXY
 */
public record HubEnvironment(URI endpoint, Optional<Token> token, EnvironmentProxies proxies) {
    private static final String HUB = "https://huggingface.co";

    /** A secret; it appears in the Authorization header only, never in a message or log. */
    record Token(String secret) {
        @Override
        public String toString() {
            return "token";
        }
    }

    /**
     * Reads the variables.
     *
     * @throws UserError if one of them has an unusable value
     */
    public static HubEnvironment of(Map<String, String> variables) {
        Path tokenFile = path(variables, "HF_TOKEN_PATH").orElse(home(variables).resolve("token"));
        return new HubEnvironment(
                endpoint(value(variables, "HF_ENDPOINT").orElse(HUB)),
                token(variables, tokenFile),
                EnvironmentProxies.of(variables));
    }

    /** Returns the folder of the cache: HF_HUB_CACHE, or {@code hub} in HF_HOME, or {@code ~/.cache/huggingface/hub}. */
    public static Path cache(Map<String, String> variables) {
        return path(variables, "HF_HUB_CACHE")
                .or(() -> path(variables, "HUGGINGFACE_HUB_CACHE"))
                .orElse(home(variables).resolve("hub"));
    }

    /** Returns whether HF_HUB_OFFLINE or TRANSFORMERS_OFFLINE forbids requests. */
    public static boolean isOffline(Map<String, String> variables) {
        return isTrue(variables, "HF_HUB_OFFLINE") || isTrue(variables, "TRANSFORMERS_OFFLINE");
    }

    private static Path home(Map<String, String> variables) {
        return path(variables, "HF_HOME")
                .or(() -> path(variables, "XDG_CACHE_HOME").map(cache -> cache.resolve("huggingface")))
                .orElse(Path.of(user(variables), ".cache", "huggingface"));
    }

    private static String user(Map<String, String> variables) {
        return value(variables, "HOME").orElse(System.getProperty("user.home"));
    }

    private static Optional<String> value(Map<String, String> variables, String name) {
        return Optional.ofNullable(variables.get(name)).map(String::strip).filter(value -> !value.isEmpty());
    }

    private static Optional<Path> path(Map<String, String> variables, String name) {
        return value(variables, name)
                .map(value -> Path.of(value.startsWith("~/") ? user(variables) + value.substring(1) : value)
                        .toAbsolutePath());
    }

    private static boolean isTrue(Map<String, String> variables, String name) {
        return value(variables, name)
                .filter(value -> value.toUpperCase(Locale.ROOT).matches("1|ON|YES|TRUE"))
                .isPresent();
    }

    private static URI endpoint(String text) {
        return WebAddress.parse(text.replaceFirst("/+$", ""))
                .orElseThrow(() -> new UserError(
                        "HF_ENDPOINT is not the address of a Hub; set it to one such as %s, without user and password"
                                .formatted(HUB)));
    }

    private static Optional<Token> token(Map<String, String> variables, Path file) {
        Optional<String> given = value(variables, "HF_TOKEN").or(() -> value(variables, "HUGGING_FACE_HUB_TOKEN"));
        if (given.isPresent()) {
            return Optional.of(token(given.get(), "HF_TOKEN"));
        }
        if (!Files.isRegularFile(file)) {
            return Optional.empty();
        }
        try {
            String held = Files.readString(file).strip();
            return held.isEmpty() ? Optional.empty() : Optional.of(token(held, file.toString()));
        } catch (IOException e) {
            throw new UserError("%s: the token can't be read: %s".formatted(file, Reason.of(e)), e);
        }
    }

    private static Token token(String secret, String where) {
        if (!secret.matches("[!-~]+")) {
            throw new UserError(
                    "%s: not a token: it has spaces or characters that no token has; copy it again from the Hub's page of your access tokens"
                            .formatted(where));
        }
        return new Token(secret);
    }
}
