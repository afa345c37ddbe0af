package io.sparkqa.run;

import io.sparkqa.config.Experiment;
import io.sparkqa.config.ResolvedSettings;
import io.sparkqa.progress.Progress;
import io.sparkqa.spark.SessionStart;
import io.sparkqa.spark.SparkProgress;
import io.sparkqa.torch.ProcessMemory;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.util.LongAccumulator;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import scala.Option;

/** One run of a stage: its settings, run folder and Spark session, and the steps it makes. */
public final class StageRun implements AutoCloseable {
    private final String stage;
    private final Experiment experiment;
    private final Map<String, String> settings;
    private final RunFolder folder;
    private final boolean forced;
    private final boolean keepsEvents;
    private final PrintStream out;
    private final Logger log;

    private final long start = System.nanoTime();
    private final CompletedOutputs things;
    private final ClosingLine closing;
    private final Path conf;
    private SparkSession spark;
    private boolean ownsSpark;

    public StageRun(
            String stage, Path conf, Experiment experiment, boolean forced, boolean keepsEvents, PrintStream out) {
        this.stage = stage;
        this.experiment = experiment;
        this.settings = ResolvedSettings.of(experiment);
        this.folder = RunFolder.of(experiment);
        this.forced = forced;
        this.keepsEvents = keepsEvents;
        this.out = out;
        this.things = new CompletedOutputs(folder);
        this.closing = new ClosingLine(stage, folder);
        this.conf = conf;
        this.log = LoggerFactory.getLogger("io.sparkqa." + stage);
    }

    /** The settings of this run. */
    public Experiment experiment() {
        return experiment;
    }

    /** Where model and data lie. */
    public Inputs inputs() {
        return inputs(System.getenv());
    }

    /** Where they lie if the environment variables are these. */
    public Inputs inputs(Map<String, String> variables) {
        return new Inputs(experiment, conf, variables);
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
    public CachedStep step(String name) {
        return new CachedStep(this, name);
    }

    /**
     * The Spark session, started when first asked for. {@code spark.*} settings apply; without a master from the
     * settings, {@code --master} or spark-submit it runs in this process on all cores.
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

    /** Says what the coming Spark jobs do, to a person who reads Spark's page: of which split, and what. */
    public void describe(String split, String work) {
        String words = split + ": " + work;
        spark().sparkContext().setJobDescription(words);
        spark().sparkContext().setCallSite(words);
    }

    /** Shows an accumulator that tasks of coming Spark jobs add to, every few seconds, until it is closed. */
    public AutoCloseable watch(LongAccumulator done, String unit, long total) {
        Progress progress = Progress.of(stage, unit, total);
        SparkProgress watch = new SparkProgress(spark().sparkContext(), done, progress::at);
        return () -> {
            watch.close();
            progress.close();
        };
    }

    /** Whether a stage has made {@code path}, a path in the run folder, to the end. */
    public boolean isComplete(Path path) {
        return things.has(path);
    }

    CompletedOutputs things() {
        return things;
    }

    public Map<String, String> settings() {
        return settings;
    }

    public boolean forced() {
        return forced;
    }

    ClosingLine closing() {
        return closing;
    }

    /**
     * Prints the closing line. Memory and paths go to the file that the environment variable SPARKQA_SUMMARY names too,
     * for jobs/pipeline.sh.
     */
    public void sayWhatWasDone() throws IOException {
        closing.text().ifPresent(this::say);
        String summary = System.getenv("SPARKQA_SUMMARY");
        if (summary != null) {
            Files.writeString(Path.of(summary), ProcessMemory.peakInWords() + "\t" + closing.paths() + "\n");
        }
    }

    /**
     * Adds a line to the run folder's history, unless the stage is done and had nothing to do.
     *
     * @param state {@code done}, {@code stopped} or {@code failed}
     */
    public void remember(String state) {
        if (state.equals("done") && closing.summary().isEmpty()) {
            return;
        }
        try {
            new StageHistory(folder).add(stage, state, (System.nanoTime() - start) / 1e9, closing.summary());
        } catch (IOException e) {
            log.warn("{}: this run can't be added to the history: {}", folder.stages(), e.getMessage());
        }
    }

    /** Ends the Spark session if this run has started one. */
    @Override
    public void close() {
        if (spark != null && ownsSpark) {
            spark.stop();
        }
    }
}
