package io.sparkqa.hub;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.Predicate;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A Hub on loopback. The host {@code 127.0.0.1} lists files, sends small ones and redirects to the host {@code localhost} for
 * large ones. It misbehaves as a test tells it to.
 */
public final class TestHub implements AutoCloseable {
    /** The commit that every revision is at. */
    public static final String COMMIT = "0123456789abcdef0123456789abcdef01234567";

    /** The second host sends the files that have more bytes than this. */
    private static final int LARGE = 1000;

    /** An answer in place of the ordinary one. */
    @FunctionalInterface
    public interface Answer {
        void give(HttpExchange exchange) throws IOException;
    }

    /** A request that the Hub has received. */
    public record Request(String host, String method, String path, Optional<String> range, Optional<String> token) {}

    private record Instead(Predicate<HttpExchange> when, Answer answer) {}

    private static final Pattern LISTING = Pattern.compile("/api/(models|datasets)/(.+)/revision/(.+)");
    private static final Pattern FILE = Pattern.compile("/(datasets/)?(.+)/resolve/" + COMMIT + "/(.+)");

    private final HttpServer hub;
    private final HttpServer store;
    private final ExecutorService threads = Executors.newCachedThreadPool();
    private final Map<String, Map<String, byte[]>> repositories = new ConcurrentHashMap<>();
    private final List<Request> requests = new CopyOnWriteArrayList<>();
    private final List<Instead> instead = new ArrayList<>();

    private TestHub(HttpServer hub, HttpServer store) {
        this.hub = hub;
        this.store = store;
    }

    public static TestHub start() throws IOException {
        InetAddress loopback = InetAddress.getLoopbackAddress();
        TestHub hub = new TestHub(
                HttpServer.create(new InetSocketAddress(loopback, 0), 0),
                HttpServer.create(new InetSocketAddress(loopback, 0), 0));
        for (HttpServer server : List.of(hub.hub, hub.store)) {
            server.setExecutor(hub.threads);
            server.createContext("/", hub::handle);
            server.start();
        }
        return hub;
    }

    public String endpoint() {
        return "http://127.0.0.1:" + hub.getAddress().getPort();
    }

    String storeEndpoint() {
        return "http://localhost:" + store.getAddress().getPort();
    }

    /** Puts a file into {@code models/org/name} or {@code datasets/org/name}. */
    public TestHub put(String repository, String name, byte[] bytes) {
        repositories.computeIfAbsent(repository, key -> new TreeMap<>()).put(name, bytes);
        return this;
    }

    public TestHub put(String repository, String name, String text) {
        return put(repository, name, text.getBytes(StandardCharsets.UTF_8));
    }

    /** Gives this answer to the next {@code times} requests with this method whose path ends with {@code end}. */
    public TestHub instead(int times, String method, String end, Answer answer) {
        return insteadAt("", times, method, end, answer);
    }

    /** Does the same for requests to the host whose name begins with {@code host}. */
    TestHub insteadAt(String host, int times, String method, String end, Answer answer) {
        int[] left = {times};
        synchronized (instead) {
            instead.add(new Instead(
                    exchange -> exchange.getRequestMethod().equals(method)
                            && exchange.getRequestURI().getPath().endsWith(end)
                            && exchange.getRequestHeaders().getFirst("Host").startsWith(host)
                            && left[0]-- > 0,
                    answer));
        }
        return this;
    }

    List<Request> requests() {
        return requests;
    }

    /** Returns the requests for a file's bytes. */
    public List<Request> downloads(String name) {
        return requests.stream()
                .filter(request ->
                        request.method().equals("GET") && request.path().endsWith("/" + name))
                .toList();
    }

    private void handle(HttpExchange exchange) throws IOException {
        try (exchange) {
            String path = exchange.getRequestURI().getPath();
            requests.add(new Request(
                    exchange.getRequestHeaders().getFirst("Host"),
                    exchange.getRequestMethod(),
                    path,
                    Optional.ofNullable(exchange.getRequestHeaders().getFirst("Range")),
                    Optional.ofNullable(exchange.getRequestHeaders().getFirst("Authorization"))));
            Optional<Answer> other;
            synchronized (instead) {
                other = instead.stream()
                        .filter(one -> one.when().test(exchange))
                        .findFirst()
                        .map(Instead::answer);
            }
            if (other.isPresent()) {
                other.get().give(exchange);
                return;
            }
            Matcher listing = LISTING.matcher(path);
            Matcher file = FILE.matcher(path);
            if (listing.matches()) {
                list(exchange, listing.group(1) + "/" + listing.group(2));
            } else if (file.matches()) {
                give(exchange, (file.group(1) == null ? "models/" : "datasets/") + file.group(2), file.group(3));
            } else {
                error(exchange, 404, "EntryNotFound");
            }
        }
    }

    private void list(HttpExchange exchange, String repository) throws IOException {
        Map<String, byte[]> files = repositories.get(repository);
        if (files == null) {
            error(exchange, 401, "RepoNotFound");
            return;
        }
        List<String> siblings = files.keySet().stream()
                .map(name -> "{\"rfilename\": \"%s\"}".formatted(name.replace("\\", "\\\\")))
                .toList();
        json(exchange, "{\"sha\": \"%s\", \"siblings\": %s}".formatted(COMMIT, siblings));
    }

    private void give(HttpExchange exchange, String repository, String name) throws IOException {
        byte[] bytes = repositories.getOrDefault(repository, Map.of()).get(name);
        if (bytes == null) {
            error(exchange, 404, "EntryNotFound");
            return;
        }
        exchange.getResponseHeaders().set("X-Repo-Commit", COMMIT);
        boolean atStore =
                exchange.getLocalAddress().getPort() == store.getAddress().getPort();
        if (bytes.length > LARGE && !atStore) {
            exchange.getResponseHeaders().set("X-Linked-Etag", "\"" + sha256(bytes) + "\"");
            exchange.getResponseHeaders().set("X-Linked-Size", String.valueOf(bytes.length));
            redirect(exchange, storeEndpoint() + exchange.getRequestURI().getPath() + "?Signature=geheim");
        } else {
            exchange.getResponseHeaders().set("ETag", "\"" + (atStore ? "of-the-store" : git(bytes)) + "\"");
            bytes(exchange, bytes);
        }
    }

    /** Sends the bytes, or the range of them that the request names. */
    static void bytes(HttpExchange exchange, byte[] bytes) throws IOException {
        String range = exchange.getRequestHeaders().getFirst("Range");
        int from = range == null ? 0 : Integer.parseInt(range.replaceAll("\\D", ""));
        if (range != null) {
            exchange.getResponseHeaders()
                    .set("Content-Range", "bytes %d-%d/%d".formatted(from, bytes.length - 1, bytes.length));
        }
        if (exchange.getRequestMethod().equals("HEAD")) {
            exchange.getResponseHeaders().set("Content-Length", String.valueOf(bytes.length));
            exchange.sendResponseHeaders(200, -1);
            return;
        }
        exchange.sendResponseHeaders(range == null ? 200 : 206, bytes.length - from);
        exchange.getResponseBody().write(bytes, from, bytes.length - from);
    }

    /** Returns an answer that announces all bytes and breaks off after some of them. */
    static Answer cutOff(byte[] bytes, int after) {
        return exchange -> {
            String range = exchange.getRequestHeaders().getFirst("Range");
            int from = range == null ? 0 : Integer.parseInt(range.replaceAll("\\D", ""));
            if (range != null) {
                exchange.getResponseHeaders()
                        .set("Content-Range", "bytes %d-%d/%d".formatted(from, bytes.length - 1, bytes.length));
            }
            exchange.sendResponseHeaders(range == null ? 200 : 206, bytes.length - from);
            OutputStream out = exchange.getResponseBody();
            out.write(bytes, from, after);
            out.flush();
        };
    }

    static Answer status(int status, String... headers) {
        return exchange -> {
            for (int i = 0; i < headers.length; i += 2) {
                exchange.getResponseHeaders().set(headers[i], headers[i + 1]);
            }
            exchange.sendResponseHeaders(status, -1);
        };
    }

    static Answer refuse(int status, String code) {
        return status(status, "X-Error-Code", code);
    }

    static Answer text(String json) {
        return exchange -> json(exchange, json);
    }

    static void redirect(HttpExchange exchange, String location) throws IOException {
        exchange.getResponseHeaders().set("Location", location);
        exchange.sendResponseHeaders(302, -1);
    }

    private static void error(HttpExchange exchange, int status, String code) throws IOException {
        refuse(status, code).give(exchange);
    }

    private static void json(HttpExchange exchange, String json) throws IOException {
        bytes(exchange, json.getBytes(StandardCharsets.UTF_8));
    }

    static String sha256(byte[] bytes) {
        return digest("SHA-256", bytes);
    }

    static String git(byte[] bytes) {
        byte[] head = ("blob " + bytes.length + "\0").getBytes(StandardCharsets.US_ASCII);
        byte[] all = Arrays.copyOf(head, head.length + bytes.length);
        System.arraycopy(bytes, 0, all, head.length, bytes.length);
        return digest("SHA-1", all);
    }

    private static String digest(String algorithm, byte[] bytes) {
        try {
            return HexFormat.of().formatHex(MessageDigest.getInstance(algorithm).digest(bytes));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }

    @Override
    public void close() {
        hub.stop(0);
        store.stop(0);
        threads.shutdownNow();
    }
}
