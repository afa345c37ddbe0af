package io.sparkqa.job;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsServer;
import io.sparkqa.hub.TestHub;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Runs the fetch stage as a process of its own: killed, behind a proxy that requires a password, and over TLS. */
class FetchProcessTest {
    private static final int SIZE = 400_000;
    private static final int CAME = 150_000;
    private static final String DOWNLOAD = "/big.json";

    @TempDir
    private Path folder;

    private Process fetch(String name, Map<String, String> variables, String address) throws IOException {
        Path conf = Files.writeString(
                folder.resolve(name + ".conf"),
                "run.dir = \"%s\"\ndata.dev = \"%s\"\n".formatted(folder.resolve(name), address));
        ProcessBuilder builder = new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Dlog4j2.configurationFile=" + Script.PROJECT.resolve("conf/log4j2.properties"),
                "-cp",
                System.getProperty("java.class.path"),
                FetchJob.class.getName(),
                conf.toString());
        builder.environment().keySet().removeIf(key -> key.matches("(?i)HF_.*|.*_proxy|JAVA_TOOL_OPTIONS"));
        builder.environment().put("HF_HOME", folder.toString());
        builder.environment().putAll(variables);
        return builder.redirectOutput(folder.resolve(name + ".out").toFile())
                .redirectError(folder.resolve(name + ".err").toFile())
                .start();
    }

    private String end(String name, Process process) throws IOException, InterruptedException {
        assertThat(process.waitFor(5, TimeUnit.MINUTES)).isTrue();
        return Files.readString(folder.resolve(name + ".out")) + Files.readString(folder.resolve(name + ".err"));
    }

    @Test
    void aFetchContinuesTheDownloadOfAKilledFetch() throws Exception {
        byte[] bytes = new byte[SIZE];
        new Random(1).nextBytes(bytes);
        try (TestHub hub = TestHub.start()) {
            CountDownLatch killed = new CountDownLatch(1);
            hub.instead(1, "GET", DOWNLOAD, exchange -> {
                exchange.sendResponseHeaders(200, SIZE);
                exchange.getResponseBody().write(bytes, 0, CAME);
                exchange.getResponseBody().flush();
                await(killed);
            });
            hub.put("models/any/where", "big.json", bytes);
            String address = hub.endpoint() + "/any/where/resolve/" + TestHub.COMMIT + DOWNLOAD;
            Process first = fetch("first", Map.of(), address);
            while (first.isAlive() && incomplete() < CAME) {
                Thread.sleep(20);
            }
            Process second = fetch("second", Map.of(), address);
            while (second.isAlive()
                    && !Files.readString(folder.resolve("second.err")).contains("another fetch")) {
                Thread.sleep(20);
            }
            assertThat(List.of(first, second)).allMatch(Process::isAlive);
            assertThat(incomplete()).isEqualTo(CAME);
            first.destroyForcibly().waitFor();
            killed.countDown();

            assertThat(end("second", second)).startsWith("fetch: 1 file, ");
            assertThat(second.exitValue()).isZero();
            assertThat(hub.downloads("big.json"))
                    .filteredOn(request -> request.host().startsWith("localhost"))
                    .extracting(request -> request.range().orElse(""))
                    .containsExactly("bytes=" + CAME + "-");
            try (var files = Files.walk(folder.resolve("hub"))) {
                assertThat(files.filter(file -> file.endsWith("big.json")))
                        .singleElement()
                        .satisfies(file -> assertThat(file).hasBinaryContent(bytes));
            }
        }
    }

    private static void await(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private long incomplete() throws IOException {
        if (!Files.isDirectory(folder.resolve("hub"))) {
            return 0;
        }
        try (var files = Files.walk(folder.resolve("hub"))) {
            return files.filter(file -> file.toString().endsWith(".incomplete"))
                    .mapToLong(file -> file.toFile().length())
                    .sum();
        }
    }

    @Test
    void aProxyGetsItsPasswordAndOpensATunnelToTheServer() throws Exception {
        try (ServerSocket proxy = new ServerSocket(0, 9, InetAddress.getLoopbackAddress())) {
            Process process = fetch(
                    "proxy",
                    Map.of("HTTPS_PROXY", "http://user:ge%20heim@127.0.0.1:" + proxy.getLocalPort()),
                    "https://data.example/dev.json");
            List<String> heads = new ArrayList<>();
            while (heads.size() < 2) {
                try (Socket socket = proxy.accept()) {
                    heads.add(head(socket));
                    String refusal =
                            "HTTP/1.1 407 Who are you?\r\nProxy-Authenticate: Basic realm=\"x\"\r\nContent-Length: 0\r\n\r\n";
                    socket.getOutputStream().write(refusal.getBytes(StandardCharsets.US_ASCII));
                }
            }
            process.destroyForcibly().waitFor();

            assertThat(heads.get(0)).startsWith("CONNECT data.example:443 ").doesNotContain("Proxy-Authorization");
            String login = Base64.getEncoder().encodeToString("user:ge heim".getBytes(StandardCharsets.UTF_8));
            assertThat(heads.get(1)).contains("Proxy-Authorization: Basic " + login);
            assertThat(end("proxy", process)).doesNotContain("heim");
        }
    }

    private static String head(Socket socket) throws IOException {
        BufferedReader in =
                new BufferedReader(new InputStreamReader(socket.getInputStream(), StandardCharsets.US_ASCII));
        StringBuilder head = new StringBuilder();
        for (String line = in.readLine(); line != null && !line.isEmpty(); line = in.readLine()) {
            head.append(line).append('\n');
        }
        return head.toString();
    }

    @Test
    void aCertificateMustBeTrustedAndHttpsDoesNotLeadToHttp() throws Exception {
        Path keys = folder.resolve("keys.p12");
        String password = "password";
        new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "keytool")
                                .toString(),
                        "-genkeypair",
                        "-keyalg",
                        "EC",
                        "-dname",
                        "CN=localhost",
                        "-ext",
                        "san=dns:localhost",
                        "-keystore",
                        keys.toString(),
                        "-storetype",
                        "PKCS12",
                        "-storepass",
                        password)
                .inheritIO()
                .start()
                .waitFor();
        HttpsServer server = HttpsServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.setHttpsConfigurator(new HttpsConfigurator(context(keys, password)));
        server.createContext("/", exchange -> {
            exchange.getResponseHeaders().set("Location", "http://localhost/dev.json");
            exchange.sendResponseHeaders(302, -1);
            exchange.close();
        });
        server.start();
        String address = "https://localhost:" + server.getAddress().getPort() + "/dev.json";

        assertThat(end("distrust", fetch("distrust", Map.of(), address)))
                .contains("can't be trusted", "javax.net.ssl.trustStore");
        Map<String, String> trust = Map.of(
                "JAVA_TOOL_OPTIONS",
                "-Djavax.net.ssl.trustStore=%s -Djavax.net.ssl.trustStorePassword=%s".formatted(keys, password));
        assertThat(end("trust", fetch("trust", trust, address))).contains("redirects to an address that is not https");
        server.stop(0);
    }

    private static SSLContext context(Path keys, String password) throws Exception {
        KeyStore store = KeyStore.getInstance("PKCS12");
        try (InputStream in = Files.newInputStream(keys)) {
            store.load(in, password.toCharArray());
        }
        KeyManagerFactory managers = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
        managers.init(store, password.toCharArray());
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(managers.getKeyManagers(), null, null);
        return context;
    }
}
