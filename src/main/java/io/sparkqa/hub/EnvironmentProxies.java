package io.sparkqa.hub;

import io.sparkqa.config.UserError;
import java.io.IOException;
import java.net.Authenticator;
import java.net.InetSocketAddress;
import java.net.PasswordAuthentication;
import java.net.Proxy;
import java.net.ProxySelector;
import java.net.SocketAddress;
import java.net.URI;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/** The proxies that HTTPS_PROXY, HTTP_PROXY, ALL_PROXY and NO_PROXY name, in upper or lower case. */
public final class EnvironmentProxies extends ProxySelector {
    private final Map<String, Optional<Server>> servers;
    private final List<String> direct;

    /** A proxy's address, and {@code user:password} if its address has them. */
    private record Server(String host, int port, Optional<String> login) {}

    private EnvironmentProxies(Map<String, Optional<Server>> servers, List<String> direct) {
        this.servers = servers;
        this.direct = direct;
    }

    static EnvironmentProxies of(Map<String, String> variables) {
        Optional<Server> all = server(variables, "ALL_PROXY");
        return new EnvironmentProxies(
                Map.of(
                        "https", server(variables, "HTTPS_PROXY").or(() -> all),
                        "http", server(variables, "HTTP_PROXY").or(() -> all)),
                List.of(value(variables, "NO_PROXY")
                        .orElse("")
                        .toLowerCase(Locale.ROOT)
                        .split("[\\s,]+")));
    }

    private static Optional<String> value(Map<String, String> variables, String name) {
        return Optional.ofNullable(variables.getOrDefault(name.toLowerCase(Locale.ROOT), variables.get(name)))
                .map(String::strip)
                .filter(value -> !value.isEmpty());
    }

    private static Optional<Server> server(Map<String, String> variables, String name) {
        return value(variables, name).map(text -> {
            try {
                URI address = URI.create(text.contains("://") ? text : "http://" + text);
                if (address.getHost() != null && "http".equals(address.getScheme())) {
                    Optional<String> login = Optional.ofNullable(address.getRawUserInfo())
                            .map(info -> URLDecoder.decode(info.replace("+", "%2B"), StandardCharsets.UTF_8));
                    return new Server(address.getHost(), Origin.port(address), login);
                }
            } catch (IllegalArgumentException e) {
                // Reported below without the text, which may hold a password.
            }
            throw new UserError(name + " is not a usable proxy; write it as http://host:port");
        });
    }

    @Override
    public List<Proxy> select(URI address) {
        Optional<Server> server = servers.getOrDefault(address.getScheme(), Optional.empty());
        if (server.isEmpty() || isDirect(address)) {
            return List.of(Proxy.NO_PROXY);
        }
        return List.of(new Proxy(
                Proxy.Type.HTTP,
                new InetSocketAddress(server.get().host(), server.get().port())));
    }

    /** Returns whether NO_PROXY matches: it lists hosts with or without port, which include subdomains; a star matches all. */
    private boolean isDirect(URI address) {
        String host = address.getHost().toLowerCase(Locale.ROOT);
        for (String entry : direct) {
            int colon = entry.lastIndexOf(':');
            boolean hasPort = colon > 0 && entry.substring(colon + 1).matches("\\d+");
            String name = (hasPort ? entry.substring(0, colon) : entry).replaceFirst("^\\*?\\.", "");
            boolean samePort = !hasPort || entry.substring(colon + 1).equals(String.valueOf(Origin.port(address)));
            if (entry.equals("*")
                    || (samePort && !name.isEmpty() && (host.equals(name) || host.endsWith("." + name)))) {
                return true;
            }
        }
        return false;
    }

    @Override
    public void connectFailed(URI address, SocketAddress proxy, IOException problem) {
        // The request itself fails with the same problem.
    }

    /** Returns the authenticator for proxies; empty if no proxy has a user in its address. */
    Optional<Authenticator> logins() {
        List<Server> known = new ArrayList<>();
        servers.values()
                .forEach(server -> server.filter(s -> s.login().isPresent()).ifPresent(known::add));
        if (known.isEmpty()) {
            return Optional.empty();
        }
        return Optional.of(new Authenticator() {
            @Override
            protected PasswordAuthentication getPasswordAuthentication() {
                return known.stream()
                        .filter(server -> getRequestorType() == RequestorType.PROXY
                                && server.host().equalsIgnoreCase(getRequestingHost())
                                && server.port() == getRequestingPort())
                        .findFirst()
                        .flatMap(Server::login)
                        .map(login -> login.split(":", 2))
                        .map(login ->
                                new PasswordAuthentication(login[0], (login.length > 1 ? login[1] : "").toCharArray()))
                        .orElse(null);
            }
        });
    }

    /** Returns the proxy for an address as {@code host:port}, for messages. */
    Optional<String> inWords(URI address) {
        return select(address).stream()
                .filter(proxy -> proxy.type() == Proxy.Type.HTTP)
                .map(proxy -> (InetSocketAddress) proxy.address())
                .map(place -> place.getHostString() + ":" + place.getPort())
                .findFirst();
    }
}
