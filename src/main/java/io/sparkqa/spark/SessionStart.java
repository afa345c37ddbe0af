package io.sparkqa.spark;

import io.sparkqa.config.Experiment;
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
 * Starts a stage's Spark session and adds to the settings what executors elsewhere need: libraries, as many threads as
 * cores; and a place for the event log.
 */
public final class SessionStart {
    private static final String EXTRA_CLASS_PATH = "spark.executor.extraClassPath";
    private static final String THREADS = "spark.executorEnv.OMP_NUM_THREADS";

    /** What spark-submit and the experiment set, the experiment first. */
    private final Map<String, String> settings = new TreeMap<>();

    private SessionStart(Experiment experiment) {
        Stream.of(new SparkConf().getAll()).forEach(setting -> settings.put(setting._1(), setting._2()));
        experiment.spark().forEach((name, value) -> settings.put("spark." + name, value));
    }

    /**
     * The running session, if there is one, or a new one.
     *
     * @param name of the application, unless the settings name it
     * @param events folder of Spark's event log; empty: none is kept
     */
    public static SparkSession of(String name, Experiment experiment, Optional<Path> events) {
        SessionStart start = new SessionStart(experiment);
        start.settings.putIfAbsent("spark.master", "local[*]");
        if (start.hasExecutorsElsewhere()) {
            start.shipLibraries();
            // libtorch would take all cores of the node, those of its neighbours too
            start.setting("spark.executor.cores").ifPresent(cores -> start.settings.putIfAbsent(THREADS, cores));
        }
        events.ifPresent(start::keepEvents);
        // spark-submit has named it after the class
        if (!experiment.spark().containsKey("app.name")) {
            start.settings.put("spark.app.name", name);
        }
        SparkSession.Builder builder = SparkSession.builder();
        start.settings.forEach(builder::config);
        return builder.getOrCreate();
    }

    private Optional<String> setting(String key) {
        return Optional.ofNullable(settings.get(key));
    }

    /** Everything but {@code local} and {@code local[...]}; Spark's {@code local-cluster} has processes of its own. */
    private boolean hasExecutorsElsewhere() {
        return !settings.get("spark.master").matches("local(\\[.*)?");
    }

    /**
     * Lets executors fetch what only the application needs, unless they find it in a shared folder that is on their class
     * path; in this process it is on the class path already.
     */
    private void shipLibraries() {
        String libraries = System.getenv("SPARKQA_LIB");
        if (libraries == null || setting(EXTRA_CLASS_PATH).orElse("").contains(libraries)) {
            return;
        }
        try (Stream<Path> jars = Files.list(Path.of(libraries))) {
            String all = jars.map(Path::toString).sorted().collect(Collectors.joining(","));
            settings.merge("spark.jars", all, (others, ours) -> others.isEmpty() ? ours : others + "," + ours);
        } catch (IOException e) {
            throw new UserError("%s: can't be read: %s; build spark-qa again".formatted(libraries, e.getMessage()), e);
        }
    }

    /** Spark's event log goes into the run folder, if no other place is set. */
    private void keepEvents(Path events) {
        if (settings.containsKey("spark.eventLog.dir")) {
            return;
        }
        settings.putIfAbsent("spark.eventLog.enabled", "true");
        // as a URI that is encoded: Spark takes one with a space in it for a relative path
        settings.put(
                "spark.eventLog.dir",
                events.toAbsolutePath().normalize().toUri().toString());
        try {
            Files.createDirectories(events);
        } catch (IOException e) {
            throw new UserError(
                    "%s: can't be made: %s; give another folder as run.dir".formatted(events, e.getMessage()), e);
        }
    }
}
