package io.sparkqa.job;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.sparkqa.files.FileUri;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Pattern;

/** The embedded Spark's history server on loopback, over a folder of event logs. */
final class HistoryServer implements AutoCloseable {
    private static final Pattern STARTED = Pattern.compile("started at (http://\\S+)");

    private final Process process;
    private final String address;

    private HistoryServer(Process process, String address) {
        this.process = process;
        this.address = address;
    }

    static HistoryServer start(Path events) throws Exception {
        Path log = Files.createTempFile("history", ".log");
        ProcessBuilder builder = new ProcessBuilder(
                        Script.PROJECT.resolve("target/spark/bin/spark-class").toString(),
                        "org.apache.spark.deploy.history.HistoryServer")
                .redirectErrorStream(true)
                .redirectOutput(log.toFile());
        builder.environment().put("SPARK_LOCAL_IP", "127.0.0.1");
        builder.environment()
                .put(
                        "SPARK_HISTORY_OPTS",
                        "-Dspark.history.ui.port=0 -Dspark.history.fs.logDirectory=" + FileUri.of(events));
        Process process = builder.start();
        try {
            return new HistoryServer(process, Cluster.await(log, STARTED));
        } catch (Exception | AssertionError e) {
            process.destroyForcibly();
            throw e;
        }
    }

    /** Waits until an application whose name begins with {@code name} is listed, and returns the first. */
    JsonNode application(String name) throws Exception {
        Cluster.await(() -> find(name) != null);
        return find(name);
    }

    private JsonNode find(String name) throws IOException, InterruptedException {
        for (JsonNode application : get("")) {
            if (application.path("name").asText().startsWith(name)) {
                return application;
            }
        }
        return null;
    }

    JsonNode jobs(JsonNode application) throws IOException, InterruptedException {
        return get("/" + application.path("id").asText() + "/jobs");
    }

    JsonNode stages(JsonNode application) throws IOException, InterruptedException {
        return get("/" + application.path("id").asText() + "/stages");
    }

    /** Returns the accumulators' names with the sums of their values over the stages. */
    static Map<String, Long> accumulators(JsonNode stages) {
        Map<String, Long> sums = new TreeMap<>();
        for (JsonNode stage : stages) {
            for (JsonNode accumulator : stage.path("accumulatorUpdates")) {
                sums.merge(
                        accumulator.path("name").asText(),
                        accumulator.path("value").asLong(),
                        Long::sum);
            }
        }
        return sums;
    }

    private JsonNode get(String path) throws IOException, InterruptedException {
        HttpResponse<String> response = HttpClient.newHttpClient()
                .send(
                        HttpRequest.newBuilder(URI.create(address + "/api/v1/applications" + path))
                                .build(),
                        HttpResponse.BodyHandlers.ofString());
        return new ObjectMapper().readTree(response.body());
    }

    @Override
    public void close() {
        process.destroyForcibly();
    }
}
