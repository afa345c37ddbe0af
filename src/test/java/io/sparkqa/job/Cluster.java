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
 * A standalone cluster of the embedded Spark on loopback. Its master and workers are processes of their own and talk only to
 * processes that know a secret.
 */
final class Cluster implements AutoCloseable {
    private static final Duration PATIENCE = Duration.ofMinutes(4);
    private static final String LOOPBACK = "127.0.0.";
    private static final Pattern MASTER = Pattern.compile("Starting Spark master at (spark://\\S+)");
    private static final Pattern REGISTERED = Pattern.compile("Registering worker");
    private static final Pattern GIVEN = Pattern.compile("name: gpu, addresses: (\\d)");
    private static final Pattern REPLICA = Pattern.compile("Opening replica (\\d) for the device \\S+");
    private static final Pattern READING = Pattern.compile("Reading the model .* for the device (\\S+)");
    private static final Pattern TRYING = Pattern.compile("Trying the device (\\S+)");

    private final Path folder;
    private final String secret = UUID.randomUUID().toString();
    private final List<Process> daemons = new ArrayList<>();
    private final String url;

    /** Starts a cluster of two workers with one core each; the folder holds settings, logs and scratch. */
    static Cluster start(Path folder) throws Exception {
        return new Cluster(folder, 2, 1, "", Map.of());
    }

    /** Starts a cluster of one worker, for which the project's discovery script finds four GPUs on any machine. */
    static Cluster startWithGpus(Path folder) throws Exception {
        String settings =
                """
                spark.worker.resource.gpu.amount 4
                spark.worker.resource.gpu.discoveryScript %s
                """
                        .formatted(Script.PROJECT.resolve("jobs/gpu-discovery"));
        return new Cluster(folder, 1, 4, settings, Map.of("CUDA_VISIBLE_DEVICES", "4,5,6,7"));
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
                        // Spark takes each address for a node
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

    /** Returns the environment variables with which the scripts under jobs/ use the cluster. */
    Map<String, String> environment() {
        Map<String, String> environment = new HashMap<>();
        environment.put("SPARK_CONF_DIR", conf().toString());
        environment.put("SPARK_LOCAL_IP", "127.0.0.1");
        environment.put("OMP_NUM_THREADS", "1");
        return environment;
    }

    /** Returns the secret that the cluster's processes share. */
    String secret() {
        return secret;
    }

    /** Returns the master's address. */
    String url() {
        return url;
    }

    private Path conf() {
        return folder.resolve("conf");
    }

    private Path log(String daemon) {
        return folder.resolve(daemon + ".log");
    }

    /** Returns the processes of the executors that run now. */
    List<ProcessHandle> executors() {
        return daemons.stream()
                .flatMap(Process::descendants)
                .filter(process -> process.info().commandLine().orElse("").contains("CoarseGrainedExecutorBackend"))
                .filter(process -> process.info().command().orElse("").endsWith("java"))
                .toList();
    }

    /** Returns the devices for which executors have read the model, one for each reading. */
    List<String> modelsRead() throws IOException {
        return executorLogs().stream()
                .flatMap(log -> matches(log, READING))
                .map(match -> match.group(1))
                .toList();
    }

    /** Returns the devices that an executor's tasks have tried, one for each task. */
    static List<String> devicesTried(Path executorLog) {
        return matches(executorLog, TRYING).map(match -> match.group(1)).toList();
    }

    /** Returns the GPUs that the worker has given an executor, without repetitions. */
    static List<String> gpus(Path executorLog) {
        return matches(executorLog, GIVEN)
                .map(match -> match.group(1))
                .distinct()
                .toList();
    }

    /** Returns the numbers of the replicas that an executor has opened, one for each opening. */
    static List<String> replicas(Path executorLog) {
        return matches(executorLog, REPLICA).map(match -> match.group(1)).toList();
    }

    /** Returns the executors' log files. */
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

    /** Waits until the condition holds. */
    static void await(Callable<Boolean> isSo) throws Exception {
        long deadline = System.nanoTime() + PATIENCE.toNanos();
        while (!isSo.call()) {
            assertThat(System.nanoTime())
                    .as("the condition did not hold within " + PATIENCE)
                    .isLessThan(deadline);
            Thread.sleep(20);
        }
    }

    /** Waits until the log has a match of the pattern and returns the match's first group. */
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
