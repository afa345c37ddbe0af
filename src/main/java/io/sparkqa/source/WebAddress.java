package io.sparkqa.source;

import java.net.URI;
import java.net.URISyntaxException;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.Optional;

/** Addresses of the web: which text is one, whose they are, and how they are told without what may be secret in them. */
public final class WebAddress {
    private WebAddress() {}

    /** The http or https address that a text is; empty if it is none, or one with a password in it. */
    public static Optional<URI> parse(String text) {
        try {
            URI address = new URI(text);
            boolean web = "https".equals(address.getScheme()) || "http".equals(address.getScheme());
            return web && address.getHost() != null && address.getRawUserInfo() == null
                    ? Optional.of(address)
                    : Optional.empty();
        } catch (URISyntaxException e) {
            return Optional.empty();
        }
    }

    /** Whether two addresses have the same scheme, host and port. */
    public static boolean sameOrigin(URI one, URI other) {
        return one.getScheme().equals(other.getScheme())
                && one.getHost().equalsIgnoreCase(other.getHost())
                && port(one) == port(other);
    }

    public static int port(URI address) {
        return address.getPort() >= 0 ? address.getPort() : address.getScheme().equals("https") ? 443 : 80;
    }

    /** The address without its query, which may hold a signature. */
    public static String inWords(URI address) {
        return address.getScheme() + "://" + address.getRawAuthority() + address.getRawPath();
    }

    /** An address below a base: a path whose slashes stay, then single parts in which they are escaped. */
    static URI below(URI base, String path, String... parts) {
        StringBuilder address = new StringBuilder(base.toString());
        for (String part : path.split("/", -1)) {
            address.append('/').append(escape(part));
        }
        for (String part : parts) {
            address.append('/').append(escape(part));
        }
        return URI.create(address.toString());
    }

    private static String escape(String part) {
        return URLEncoder.encode(part, StandardCharsets.UTF_8).replace("+", "%20");
    }
}
