package io.sparkqa.spark;

import io.sparkqa.config.Experiment;
import io.sparkqa.config.Reason;
import io.sparkqa.config.UserError;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.spark.SparkConf;
import org.apache.spark.sql.SparkSession;

/**
 * Starts a stage's Spark session. Adds the settings that executors in other processes need (libraries, as many threads as
 * cores) and a folder for the event log.
 */
public final class SessionStart {
    private static final String EXTRA_CLASS_PATH = "spark.executor.extraClassPath";
    private static final String THREADS = "spark.executorEnv.OMP_NUM_THREADS";
    private static final int LOCAL_PARTITIONS_PER_CORE = 8;

    /** The settings of spark-submit and of the experiment; the experiment's take precedence. */
    private final Map<String, String> settings = new TreeMap<>();

    private SessionStart(Experiment experiment) {
        Stream.of(new SparkConf().getAll()).forEach(setting -> settings.put(setting._1(), setting._2()));
        experiment.spark().forEach((name, value) -> settings.put("spark." + name, value));
    }

    /**
     * Returns the running session, or starts one.
     *
     * @param name name of the application, unless the settings have one
     * @param events folder of Spark's event log; empty for no event log
     */
    public static SparkSession of(String name, Experiment experiment, Optional<Path> events) {
        SessionStart start = new SessionStart(experiment);
        start.settings.putIfAbsent("spark.master", "local[*]");
        requireScratch(Optional.ofNullable(System.getenv("SPARK_LOCAL_DIRS")), start.setting("spark.local.dir"));
        if (start.hasOtherProcesses()) {
            start.shipLibraries();
            // Otherwise libtorch would use all cores of the node, also those of other executors.
            start.setting("spark.executor.cores").ifPresent(cores -> start.settings.putIfAbsent(THREADS, cores));
        } else {
            // Spark's default of 200 is for clusters: here most of the tasks would have no rows, and each takes some
            // milliseconds.
            start.settings.putIfAbsent(
                    "spark.sql.shuffle.partitions",
                    Integer.toString(
                            LOCAL_PARTITIONS_PER_CORE * Runtime.getRuntime().availableProcessors()));
        }
        events.ifPresent(start::keepEvents);
        // By default spark-submit names the application after the class.
        if (!experiment.spark().containsKey("app.name")) {
            start.settings.put("spark.app.name", name);
        }
        SparkSession.Builder builder = SparkSession.builder();
        start.settings.forEach(builder::config);
        return builder.getOrCreate();
    }

    /**
     * Refuses scratch folders of which none can be written, for which Spark would end the process without a message.
     *
     * @param variable SPARK_LOCAL_DIRS, which takes precedence
     * @param setting spark.local.dir
     */
    static void requireScratch(Optional<String> variable, Optional<String> setting) {
        String name = variable.isPresent() ? "SPARK_LOCAL_DIRS" : "spark.local.dir";
        String folders = variable.or(() -> setting).orElse(System.getProperty("java.io.tmpdir"));
        if (Stream.of(folders.split(",")).map(String::strip).noneMatch(SessionStart::isWritable)) {
            throw new UserError("%s: Spark's scratch folder can't be created or written; set %s to another folder"
                    .formatted(folders, name));
        }
    }

    private static boolean isWritable(String folder) {
        try {
            return Files.isWritable(Files.createDirectories(Path.of(folder)));
        } catch (IOException e) {
            return false;
        }
    }

    private Optional<String> setting(String key) {
        return Optional.ofNullable(settings.get(key));
    }

    /** Returns whether executors are other processes, as with every master except {@code local} and {@code local[...]}. */
    private boolean hasOtherProcesses() {
        return !settings.get("spark.master").matches("local(\\[.*)?");
    }

    /**
     * Ships the libraries that the executors need, unless a shared folder on their class path has them. Executors on this
     * machine get the folder itself. In this process the libraries are on the class path.
     */
    private void shipLibraries() {
        String libraries = System.getenv("SPARKQA_LIB");
        if (libraries == null || setting(EXTRA_CLASS_PATH).orElse("").contains(libraries)) {
            return;
        }
        if (settings.get("spark.master").startsWith("local-cluster")) {
            // the driver's class path, so that the archive of its classes suits executors too
            String classPath = libraries + "/*:" + Path.of(System.getenv("SPARK_HOME"), "jars", "*");
            settings.merge(EXTRA_CLASS_PATH, classPath, (others, ours) -> others + ":" + ours);
            return;
        }
        String unneeded =
                Optional.ofNullable(System.getenv("SPARKQA_UNSHIPPED")).orElse("");
        try (Stream<Path> jars = Files.list(Path.of(libraries))) {
            String all = jars.filter(jar -> !jar.getFileName().toString().matches(unneeded))
                    .map(Path::toString)
                    .sorted()
                    .collect(Collectors.joining(","));
            settings.merge("spark.jars", all, (others, ours) -> others.isEmpty() ? ours : others + "," + ours);
        } catch (IOException e) {
            throw new UserError("%s: can't be read: %s; rebuild spark-qa".formatted(libraries, Reason.of(e)), e);
        }
    }

    /** Makes Spark write its event log into the run folder unless another place is set. */
    private void keepEvents(Path events) {
        if (settings.containsKey("spark.eventLog.dir")) {
            return;
        }
        settings.putIfAbsent("spark.eventLog.enabled", "true");
        // An encoded URI, since Spark takes a URI with a space for a relative path.
        settings.put(
                "spark.eventLog.dir",
                events.toAbsolutePath().normalize().toUri().toString());
        try {
            Files.createDirectories(events);
        } catch (IOException e) {
            throw new UserError(
                    "%s: can't be created: %s; set run.dir to another folder".formatted(events, Reason.of(e)), e);
        }
    }
}
