package io.sparkqa.hub;

import java.net.URI;
import java.util.Locale;

/** Scheme, host and port of an address. A secret is sent to a single origin. */
record Origin(String scheme, String host, int port) {
    static Origin of(URI address) {
        return new Origin(address.getScheme(), address.getHost().toLowerCase(Locale.ROOT), port(address));
    }

    /** Returns the address's port, or its scheme's default. */
    static int port(URI address) {
        return address.getPort() >= 0 ? address.getPort() : address.getScheme().equals("https") ? 443 : 80;
    }
}
