package io.sparkqa.job;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.Callable;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * A Spark standalone cluster of the embedded Spark's on loopback: a master and workers, every one a process of its
 * own, that talk to those alone who know a secret.
 */
final class Cluster implements AutoCloseable {
    private static final Duration PATIENCE = Duration.ofMinutes(4);
    private static final String LOOPBACK = "127.0.0.";
    private static final Pattern MASTER = Pattern.compile("Starting Spark master at (spark://\\S+)");
    private static final Pattern REGISTERED = Pattern.compile("Registering worker");
    private static final Pattern READING = Pattern.compile("Reading the model .* for the device (\\S+)");

    private final Path folder;
    private final String secret = UUID.randomUUID().toString();
    private final List<Process> daemons = new ArrayList<>();
    private final String url;

    /** Starts one of two workers with a core each; the folder takes settings, logs and scratch. */
    static Cluster start(Path folder) throws Exception {
        return new Cluster(folder, 2, 1, "", Map.of());
    }

    /** Starts one of a worker that finds two GPUs by the script of the project's, whatever the machine has. */
    static Cluster startWithGpus(Path folder) throws Exception {
        String settings =
                """
                spark.worker.resource.gpu.amount 2
                spark.worker.resource.gpu.discoveryScript %s
                """
                        .formatted(Script.PROJECT.resolve("jobs/gpu-discovery"));
        return new Cluster(folder, 1, 2, settings, Map.of("CUDA_VISIBLE_DEVICES", "5,7"));
    }

    private Cluster(Path folder, int workers, int cores, String workerSettings, Map<String, String> workerEnvironment)
            throws Exception {
        this.folder = Files.createDirectories(folder);
        String common =
                """
                spark.authenticate true
                spark.authenticate.secret %s
                spark.network.crypto.enabled true
                """
                        .formatted(secret);
        Files.createDirectories(conf());
        Files.writeString(
                conf().resolve("spark-defaults.conf"),
                common + "spark.executor.memory 768m\nspark.executor.cores 1\nspark.sql.shuffle.partitions 4\n");
        Path masterConf = Files.writeString(folder.resolve("master.conf"), common);
        Path workerConf = Files.writeString(folder.resolve("worker.conf"), common + workerSettings);
        try {
            daemon("master", LOOPBACK + 1, Map.of(), masterConf, "master.Master", "--port", "0", "--webui-port", "0");
            this.url = await(log("master"), MASTER);
            for (int i = 0; i < workers; i++) {
                Path work = folder.resolve("work-" + i);
                daemon(
                        "worker-" + i,
                        // to Spark each is a node
                        LOOPBACK + (i + 1),
                        workerEnvironment,
                        workerConf,
                        "worker.Worker",
                        "--cores",
                        String.valueOf(cores),
                        "--memory",
                        cores + "g",
                        "--webui-port",
                        "0",
                        "--work-dir",
                        work.toString(),
                        url);
            }
            await(() -> matches(log("master"), REGISTERED).count() == workers);
        } catch (Exception | AssertionError e) {
            close();
            throw e;
        }
    }

    private void daemon(
            String name,
            String host,
            Map<String, String> environment,
            Path settings,
            String daemonClass,
            String... arguments)
            throws IOException {
        List<String> command = new ArrayList<>(List.of(
                Script.PROJECT.resolve("target/spark/bin/spark-class").toString(),
                "org.apache.spark.deploy." + daemonClass,
                "--host",
                host,
                "--properties-file",
                settings.toString()));
        command.addAll(List.of(arguments));
        ProcessBuilder builder = new ProcessBuilder(command)
                .directory(folder.toFile())
                .redirectErrorStream(true)
                .redirectOutput(log(name).toFile());
        builder.environment().keySet().removeIf(variable -> variable.matches("(SPARK|DJL|OMP)_.*"));
        builder.environment().put("SPARK_LOCAL_IP", host);
        builder.environment().put("SPARK_DAEMON_MEMORY", "256m");
        builder.environment().put("SPARK_DAEMON_JAVA_OPTS", Script.BRIEF_JVM);
        builder.environment().put("SPARK_LOCAL_DIRS", folder.resolve("scratch").toString());
        builder.environment().putAll(environment);
        daemons.add(builder.start());
    }

    /** What the scripts under jobs/ need to know of it. */
    Map<String, String> environment() {
        Map<String, String> environment = new HashMap<>();
        environment.put("SPARK_CONF_DIR", conf().toString());
        environment.put("SPARK_LOCAL_IP", "127.0.0.1");
        environment.put("OMP_NUM_THREADS", "1");
        return environment;
    }

    /** What all must know to take part. */
    String secret() {
        return secret;
    }

    /** The master's address. */
    String url() {
        return url;
    }

    private Path conf() {
        return folder.resolve("conf");
    }

    private Path log(String daemon) {
        return folder.resolve(daemon + ".log");
    }

    /** The processes of executors that run now. */
    List<ProcessHandle> executors() {
        return daemons.stream()
                .flatMap(Process::descendants)
                .filter(process -> process.info().commandLine().orElse("").contains("CoarseGrainedExecutorBackend"))
                .filter(process -> process.info().command().orElse("").endsWith("java"))
                .toList();
    }

    /** The devices for which executors have read the model, each reading once. */
    List<String> modelsRead() throws IOException {
        return executorLogs().stream().flatMap(log -> devices(log).stream()).toList();
    }

    /** The same, of one executor. */
    static List<String> devices(Path executorLog) {
        return matches(executorLog, READING).map(match -> match.group(1)).toList();
    }

    /** What every executor has written to its log, a file each. */
    List<Path> executorLogs() throws IOException {
        try (Stream<Path> files = Files.find(
                folder, 4, (path, attributes) -> path.getFileName().toString().equals("stderr"))) {
            return files.toList();
        }
    }

    static Stream<MatchResult> matches(Path log, Pattern pattern) {
        try {
            return Files.exists(log) ? pattern.matcher(Files.readString(log)).results() : Stream.empty();
        } catch (IOException e) {
            throw new AssertionError(log.toString(), e);
        }
    }

    /** Waits until it is so. */
    static void await(Callable<Boolean> isSo) throws Exception {
        long deadline = System.nanoTime() + PATIENCE.toNanos();
        while (!isSo.call()) {
            assertThat(System.nanoTime())
                    .as("it did not come about in " + PATIENCE)
                    .isLessThan(deadline);
            Thread.sleep(20);
        }
    }

    /** What the pattern's group stands for in the log of a process that is to write it. */
    static String await(Path log, Pattern pattern) throws Exception {
        await(() -> matches(log, pattern).findAny().isPresent());
        return matches(log, pattern).findFirst().orElseThrow().group(1);
    }

    @Override
    public void close() {
        daemons.stream().flatMap(Process::descendants).forEach(ProcessHandle::destroyForcibly);
        daemons.forEach(Process::destroyForcibly);
    }
}
