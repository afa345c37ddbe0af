package io.sparkqa.source;

import java.net.URI;
import java.net.URISyntaxException;
import java.util.Optional;

/** Addresses of the web: reads them, and prints them without the parts that may be secret. */
public final class WebAddress {
    private WebAddress() {}

    /** Parses an http or https address; empty if the text is not one, or if it contains a user or password. */
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

    /** Returns the address without its query, which may hold a signature. */
    public static String inWords(URI address) {
        return address.getScheme() + "://" + address.getRawAuthority() + address.getRawPath();
    }
}
