package io.sparkqa.run;

import io.sparkqa.config.Experiment;
import io.sparkqa.config.Reason;
import io.sparkqa.config.ResolvedSettings;
import io.sparkqa.progress.Progress;
import io.sparkqa.spark.SessionStart;
import io.sparkqa.spark.SparkProgress;
import io.sparkqa.torch.ProcessMemory;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.util.LongAccumulator;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import scala.Option;

/** One run of a stage: its settings, run folder, Spark session and steps. */
public final class StageRun implements AutoCloseable {
    private final String stage;
    private final Experiment experiment;
    private final Map<String, String> settings;
    private final RunFolder folder;
    private final boolean forced;
    private final boolean keepsEvents;
    private final PrintStream out;
    private final PrintStream err;
    private final Logger log;

    private final long start = System.nanoTime();
    private final CompletedOutputs completed;
    private final ClosingLine closing;
    private final Path conf;
    private SparkSession spark;
    private boolean ownsSpark;

    public StageRun(
            String stage,
            Path conf,
            Experiment experiment,
            boolean forced,
            boolean keepsEvents,
            PrintStream out,
            PrintStream err) {
        this.stage = stage;
        this.experiment = experiment;
        this.settings = ResolvedSettings.of(experiment);
        this.folder = RunFolder.of(experiment);
        this.forced = forced;
        this.keepsEvents = keepsEvents;
        this.out = out;
        this.err = err;
        this.completed = new CompletedOutputs(folder);
        this.closing = new ClosingLine(stage, folder);
        this.conf = conf;
        this.log = LoggerFactory.getLogger("io.sparkqa." + stage);
    }

    /** Returns the settings of this run. */
    public Experiment experiment() {
        return experiment;
    }

    /** Returns the places of model and data. */
    public Inputs inputs() {
        return inputs(System.getenv());
    }

    /** Returns the places of model and data under these environment variables. */
    public Inputs inputs(Map<String, String> variables) {
        return new Inputs(experiment, conf, variables);
    }

    /** Returns the folder of the results. */
    public RunFolder folder() {
        return folder;
    }

    /** Returns the logger of the stage's full log; warnings and errors appear on the terminal too. */
    public Logger log() {
        return log;
    }

    /** Prints a line of the stage's result to stdout. */
    public void say(String line) {
        out.println(line);
    }

    /**
     * Prints what the stage's network computes on.
     *
     * @param places such as {@code the CPU in float32}
     */
    public void computesOn(Collection<String> places) {
        say("%s: computes on %s".formatted(stage, String.join(" and on ", places)));
    }

    /** Prints a line to stderr and the log about something that the stage does unasked. */
    void note(String line) {
        err.println(stage + ": " + line);
        log.info("{}", line);
    }

    /**
     * Begins the declaration of a step.
     *
     * @param name name of its manifest, unique in the run folder, such as {@code windows-dev}
     */
    public CachedStep step(String name) {
        return new CachedStep(this, name);
    }

    /**
     * Returns the Spark session, which the first call starts. {@code spark.*} settings apply; unless the settings, {@code
     * --master} or spark-submit name a master, it runs in this process on all cores.
     */
    public SparkSession spark() {
        if (spark == null) {
            Option<SparkSession> running = SparkSession.getDefaultSession();
            ownsSpark = running.isEmpty() || running.get().sparkContext().isStopped();
            spark = SessionStart.of(
                    "spark-qa " + stage + " " + folder.root(),
                    experiment,
                    keepsEvents ? Optional.of(folder.events()) : Optional.empty());
        }
        return spark;
    }

    /** Sets the description of the following Spark jobs on Spark's web page. */
    public void describe(String split, String work) {
        String words = split + ": " + work;
        spark().sparkContext().setJobDescription(words);
        spark().sparkContext().setCallSite(words);
    }

    /** Shows the progress of an accumulator, to which the tasks of the following Spark jobs add, until closed. */
    public AutoCloseable watch(LongAccumulator done, String unit, long total) {
        Progress progress = Progress.of(stage, unit, total);
        SparkProgress watch = new SparkProgress(spark().sparkContext(), done, progress::at);
        return () -> {
            watch.close();
            progress.close();
        };
    }

    /** Returns whether a stage has completed a path in the run folder. */
    public boolean isComplete(Path path) {
        return completed.contains(path);
    }

    CompletedOutputs completed() {
        return completed;
    }

    public Map<String, String> settings() {
        return settings;
    }

    /**
     * Returns the settings of this run, except for those that another stage's results in the run folder were made with: these
     * are as they were then. So the settings fit all results.
     */
    public Map<String, String> madeWith() {
        Map<String, String> all = new LinkedHashMap<>(settings);
        keep("features.", folder.windows("train"), all);
        keep("train.", folder.model(), all);
        keep("decode.", folder.answers("dev"), all);
        keep("evaluate.", folder.scores("dev"), all);
        return all;
    }

    private void keep(String section, Path result, Map<String, String> settings) {
        if (completed.contains(result)) {
            completed.settings(result).forEach((key, value) -> {
                if (key.startsWith(section)) {
                    settings.put(key, value);
                }
            });
        }
    }

    public boolean forced() {
        return forced;
    }

    ClosingLine closing() {
        return closing;
    }

    /**
     * Prints the closing line and, on stderr, the stale outputs in the run folder. If the environment variable
     * SPARKQA_SUMMARY names a file, as in jobs/pipeline.sh, writes memory, paths and stale outputs to that file instead.
     */
    public void printClosingLine() throws IOException {
        closing.text().ifPresent(this::say);
        String summary = System.getenv("SPARKQA_SUMMARY");
        if (summary == null) {
            warnOfStaleOutputs();
        } else {
            Files.writeString(
                    Path.of(summary),
                    "%s\t%s\t%s%n"
                            .formatted(
                                    ProcessMemory.peakInWords(),
                                    closing.paths(),
                                    String.join("; ", new StaleOutputs(folder).inWords())));
        }
    }

    /** Prints a warning to stderr if outputs are stale. */
    public void warnOfStaleOutputs() {
        warnOfStaleOutputs(folder);
    }

    /** Prints the same warning about another run folder. */
    public void warnOfStaleOutputs(RunFolder folder) {
        List<String> stale = new StaleOutputs(folder).inWords();
        if (!stale.isEmpty()) {
            err.printf(
                    "%s: warning: stale in %s: %s; run jobs/pipeline.sh with this configuration to make them again%n",
                    stage, folder.root(), String.join("; ", stale));
        }
    }

    /**
     * Adds a line to the run folder's history, unless the stage is done and had nothing to do.
     *
     * @param state {@code done}, {@code stopped} or {@code failed}
     * @param reason why it stopped or failed; empty to use the summary of its work
     */
    public void remember(String state, String reason) {
        if (state.equals("done") && closing.summary().isEmpty()) {
            return;
        }
        try {
            new StageHistory(folder)
                    .add(
                            stage,
                            state,
                            (System.nanoTime() - start) / 1e9,
                            reason.isEmpty() ? closing.summary() : reason);
        } catch (IOException e) {
            log.warn("{}: this run can't be added to the history: {}", folder.stages(), Reason.of(e));
        }
    }

    /** Stops the Spark session if this run has started one. */
    @Override
    public void close() {
        if (spark != null && ownsSpark) {
            spark.stop();
        }
    }
}
