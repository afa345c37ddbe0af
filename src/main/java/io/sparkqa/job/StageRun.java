package io.sparkqa.job;

import io.sparkqa.config.Experiment;
import io.sparkqa.config.ResolvedSettings;
import io.sparkqa.config.UserError;
import io.sparkqa.progress.Progress;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.spark.SparkConf;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.util.LongAccumulator;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** One run of a {@link Stage}: its settings, run folder and Spark session, and the steps it makes. */
public final class StageRun implements AutoCloseable {
    /** Which stage makes what lies in the run folder, by the beginning of its relative path. */
    private static final Map<String, String> MAKERS = Map.ofEntries(
            Map.entry("examples", "preprocess"),
            Map.entry("windows", "preprocess"),
            Map.entry("model", "train"),
            Map.entry("train-log", "train"),
            Map.entry("answers", "decode"),
            Map.entry("predictions", "decode"),
            Map.entry("null_odds", "decode"),
            Map.entry("nbest", "decode"),
            Map.entry("metrics", "evaluate"),
            Map.entry("scores", "evaluate"),
            Map.entry("thresholds", "evaluate"));

    private final String stage;
    private final Experiment experiment;
    private final Map<String, String> settings;
    private final RunFolder folder;
    private final boolean forced;
    private final PrintStream out;
    private final Logger log;

    private final List<String> summaries = new ArrayList<>();
    private final List<Path> made = new ArrayList<>();
    private final List<Path> upToDate = new ArrayList<>();
    private double seconds;
    private SparkSession spark;
    private boolean ownsSpark;

    StageRun(String stage, Experiment experiment, boolean forced, PrintStream out) {
        this.stage = stage;
        this.experiment = experiment;
        this.settings = ResolvedSettings.of(experiment);
        this.folder = RunFolder.of(experiment);
        this.forced = forced;
        this.out = out;
        this.log = LoggerFactory.getLogger("io.sparkqa." + stage);
    }

    /** The settings of this run. */
    public Experiment experiment() {
        return experiment;
    }

    /** Where results lie. */
    public RunFolder folder() {
        return folder;
    }

    /** Writes to the stage's full log; warnings and errors show on the terminal too. */
    public Logger log() {
        return log;
    }

    /** Prints a line of the stage's result on stdout. */
    public void say(String line) {
        out.println(line);
    }

    /** Begins the declaration of a step; {@code name}, unique in the run folder, is its manifest's: {@code windows-dev}. */
    public Step step(String name) {
        return new Step(this, name);
    }

    /**
     * The Spark session, started when first asked for. {@code spark.*} settings apply; without a master from the
     * settings, {@code --master} or spark-submit it runs in this process on all cores.
     */
    public SparkSession spark() {
        if (spark == null) {
            ownsSpark = SparkSession.getDefaultSession().isEmpty();
            SparkSession.Builder builder = SparkSession.builder().appName("spark-qa " + stage + " " + folder.root());
            if (!new SparkConf().contains("spark.master")) {
                builder.master("local[*]");
            }
            experiment.spark().forEach((name, value) -> builder.config("spark." + name, value));
            shipLibraries(builder);
            spark = builder.getOrCreate();
        }
        return spark;
    }

    /** Lets executors elsewhere fetch what only the application needs; in this process it is on the class path already. */
    private void shipLibraries(SparkSession.Builder builder) {
        SparkConf submitted = new SparkConf();
        String master = experiment.spark().getOrDefault("master", submitted.get("spark.master", "local"));
        String libraries = System.getenv("SPARKQA_LIB");
        if (libraries == null || master.startsWith("local")) {
            return;
        }
        try (Stream<Path> jars = Files.list(Path.of(libraries))) {
            String all = jars.map(Path::toString).sorted().collect(Collectors.joining(","));
            String others = submitted.get("spark.jars", "");
            builder.config("spark.jars", others.isEmpty() ? all : others + "," + all);
        } catch (IOException e) {
            throw new UserError("%s: can't be read: %s; build spark-qa again".formatted(libraries, e.getMessage()), e);
        }
    }

    /** Shows an accumulator that tasks of coming Spark jobs add to, every few seconds, until it is closed. */
    public AutoCloseable watch(LongAccumulator done, String unit, long total) {
        return new SparkProgress(spark().sparkContext(), done, Progress.of(stage, unit, total));
    }

    /**
     * Refuses a path in the run folder that no stage has completed.
     *
     * @throws UserError naming the path and the stage that makes it
     */
    public void requireComplete(Path path) {
        if (!inFolder(path)) {
            if (!Files.exists(path)) {
                throw new UserError("%s: no such file or folder (working directory: %s)"
                        .formatted(path, Path.of("").toAbsolutePath()));
            }
        } else if (!isComplete(path)) {
            String relative = relative(path);
            String maker = MAKERS.entrySet().stream()
                    .filter(entry -> relative.startsWith(entry.getKey()))
                    .map(Map.Entry::getValue)
                    .findFirst()
                    .orElse("pipeline");
            throw new UserError("%s: not there, or not complete; run jobs/%s.sh with this configuration first"
                    .formatted(path, maker));
        }
    }

    /** Whether a stage has made {@code path}, a path in the run folder, to the end. */
    boolean isComplete(Path path) {
        return Files.exists(path) && fingerprintOfMade(path).isPresent();
    }

    /** What {@code path} held when a step of this run folder made it; empty if none did, or not to the end. */
    Optional<Fingerprint> fingerprintOfMade(Path path) {
        if (!inFolder(path) || !Files.isDirectory(folder.manifests())) {
            return Optional.empty();
        }
        return manifests().stream()
                .map(manifest -> manifest.outputs().get(relative(path)))
                .filter(Objects::nonNull)
                .findFirst();
    }

    private List<Manifest> manifests() {
        try (Stream<Path> files = Files.list(folder.manifests())) {
            return files.filter(file -> file.toString().endsWith(".json"))
                    .sorted(Comparator.naturalOrder())
                    .map(Manifest::read)
                    .flatMap(Optional::stream)
                    .collect(Collectors.toList());
        } catch (IOException e) {
            throw new UserError("%s: can't be read: %s".formatted(folder.manifests(), e.getMessage()), e);
        }
    }

    private boolean inFolder(Path path) {
        return path.toAbsolutePath()
                .normalize()
                .startsWith(folder.root().toAbsolutePath().normalize());
    }

    private String relative(Path path) {
        return folder.root()
                .toAbsolutePath()
                .normalize()
                .relativize(path.toAbsolutePath().normalize())
                .toString();
    }

    Map<String, String> settings() {
        return settings;
    }

    boolean forced() {
        return forced;
    }

    void upToDate(List<Path> outputs) {
        upToDate.addAll(outputs);
    }

    void made(String summary, List<Path> outputs, double time) {
        summaries.add(summary);
        made.addAll(outputs);
        seconds += time;
    }

    /**
     * Prints the stage's last line: what it did, in which time and memory, and where the result lies. Memory and paths go
     * to the file that the environment variable SPARKQA_SUMMARY names too, for jobs/pipeline.sh.
     */
    void sayWhatWasDone() throws IOException {
        if (made.isEmpty() && upToDate.isEmpty()) {
            return;
        }
        String current = upToDate.isEmpty() ? "" : "up to date (" + list(upToDate) + ")";
        if (made.isEmpty()) {
            say(stage + ": " + current);
        } else {
            String time = seconds < 10
                    ? String.format(Locale.ROOT, "%.1f s", seconds)
                    : Progress.duration(Math.round(seconds));
            say("%s: %s; %s, peak memory %s; see %s%s"
                    .formatted(
                            stage,
                            String.join("; ", summaries),
                            time,
                            PeakMemory.inWords(),
                            list(made),
                            current.isEmpty() ? "" : "; " + current));
        }
        String summary = System.getenv("SPARKQA_SUMMARY");
        if (summary != null) {
            String paths = made.isEmpty() ? current : list(made);
            Files.writeString(Path.of(summary), PeakMemory.inWords() + "\t" + paths + "\n");
        }
    }

    private static String list(List<Path> paths) {
        return paths.stream().map(Path::toString).collect(Collectors.joining(", "));
    }

    /** Ends the Spark session if this run has started one. */
    @Override
    public void close() {
        if (spark != null && ownsSpark) {
            spark.stop();
        }
    }
}
