package io.sparkqa.job;

import io.sparkqa.config.Experiment;
import io.sparkqa.config.ExperimentReader;
import io.sparkqa.config.Printable;
import io.sparkqa.config.ResolvedSettings;
import io.sparkqa.config.UserError;
import io.sparkqa.files.Staging;
import io.sparkqa.run.CachedStep;
import io.sparkqa.run.Failure;
import io.sparkqa.run.LogFile;
import io.sparkqa.run.RunFolder;
import io.sparkqa.run.StageRun;
import io.sparkqa.torch.Libtorch;
import io.sparkqa.torch.NativeScratch;
import io.sparkqa.train.StoppedOnRequest;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.slf4j.LoggerFactory;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/**
 * The common parts of all stages: the command line {@code CONF [key=value ...] [--force] [--master URL]}, settings, log file,
 * Spark session, errors, closing line and exit code (0 done or up to date, 1 failed, 2 wrong use, 75 stopped on request). A
 * stage is a subclass with a name, a description and its work, a list of {@link CachedStep}s:
 *
 * <pre>{@code
 * @Command(name = "preprocess", description = "Cuts questions and contexts into windows of tokens.")
 * public final class PreprocessJob extends Stage {
 *     public static void main(String[] arguments) {
 *         System.exit(new PreprocessJob().run(arguments));
 *     }
 *
 *     @Override
 *     protected void work(StageRun run) throws Exception {
 *         RunFolder folder = run.folder();
 *         run.inputs().splits().forEach((split, sources) -> run.step("windows-" + split)
 *                 .reads(sources.toArray(Path[]::new))      // compared by contents; a missing one is an error
 *                 .settings("features")                     // keys or sections that the result depends on
 *                 .makes(folder.examples(split), folder.windows(split))
 *                 .by(staging -> {                          // called only if something has changed
 *                     examples.write().parquet(FileUri.of(staging.apply(folder.examples(split))));
 *                     windows.write().format("arrow").save(FileUri.of(staging.apply(folder.windows(split))));
 *                     return "4,120 questions in 4,502 windows";
 *                 }));
 *     }
 * }
 * }</pre>
 *
 * (In real code this is a {@code for} loop, since {@code by} throws checked exceptions.) Errors that the user can correct are
 * thrown as {@link UserError}, also on executors; only their message is printed. The first call of {@code run.spark()} starts
 * Spark; {@code run.watch(accumulator, "windows", total)} shows the progress of its tasks. Options of a single stage are fields
 * of its class with picocli's annotations.
 */
public abstract class Stage extends Tool {
    @Parameters(index = "0", paramLabel = "CONF", description = "Configuration file of the experiment.")
    private Path conf;

    @Parameters(index = "1..*", paramLabel = "key=value", description = "Settings that override the file's.")
    private List<String> arguments = new ArrayList<>();

    @Option(
            names = "--force",
            description =
                    "Redo this stage, even if it is up to date; train also replaces a finished model of other settings.")
    private boolean force;

    @Option(names = "--master", paramLabel = "URL", description = "Spark master; the same as spark.master=URL.")
    private String master;

    /** Does the stage's work. */
    protected abstract void work(StageRun run) throws Exception;

    /** Returns whether these settings and a line of history are written to the run folder after the work. */
    protected boolean recordsSettings() {
        return !onlyReads();
    }

    /** Returns the settings among the arguments after CONF. A stage with other arguments takes those out. */
    protected List<String> overrides(List<String> arguments) {
        return arguments;
    }

    /** Returns whether the stage only reads an existing run folder. */
    protected boolean onlyReads() {
        return false;
    }

    /** Returns whether the stage loads native libraries, for which a folder is made then. */
    protected boolean loadsNatives() {
        return true;
    }

    /**
     * Called when a signal asks the process to stop, on another thread than {@link #work}. A stage that can stop cleanly makes
     * its work end with {@link StoppedOnRequest} and returns true. If this returns false, the process ends at once.
     */
    protected boolean stopCleanly() {
        return false;
    }

    @Override
    public final int run(String... commandLine) {
        StopSignals.handle(this::stopCleanly);
        return super.run(commandLine);
    }

    @Override
    final int execute() {
        if (loadsNatives()) {
            NativeScratch.choose();
        }
        Libtorch.choose();
        Experiment experiment = settings();
        RunFolder folder = RunFolder.of(experiment);
        if (onlyReads() && !Files.isDirectory(folder.root())) {
            throw new UserError(
                    folder.root() + ": no such run folder; run jobs/pipeline.sh with this configuration first");
        }
        try (LogFile log = LogFile.open(folder.log(name()))) {
            return work(experiment, folder);
        }
    }

    private Experiment settings() {
        List<String> overrides = new ArrayList<>(overrides(arguments));
        if (master != null) {
            overrides.add("spark.master=" + master);
        }
        return read(conf, overrides);
    }

    /** Reads the settings from CONF and the overrides after it. */
    protected Experiment read(Path conf, List<String> overrides) {
        return ExperimentReader.read(conf, overrides);
    }

    // Everything that a stage throws, including errors of the JVM, becomes one message and an exit code.
    @SuppressWarnings("CatchingUnchecked")
    private int work(Experiment experiment, RunFolder folder) {
        try (StageRun run = new StageRun(name(), conf, experiment, force, !onlyReads(), out(), err())) {
            run.log().info("Settings:\n{}", ResolvedSettings.hocon(experiment));
            workAndRemember(run);
            if (recordsSettings()) {
                Staging.write(folder.experimentConf(), ResolvedSettings.hocon(run.madeWith()));
            }
            run.printClosingLine();
            return DONE;
        } catch (StoppedOnRequest e) {
            out().println(name() + ": " + e.getMessage());
            return STOPPED;
        } catch (Throwable e) {
            LoggerFactory.getLogger(Stage.class).info("{} failed", name(), e);
            err().printf("%s: %s (details: %s)%n", name(), Printable.message(Failure.inWords(e)), folder.log(name()));
            return exitCode(Failure.userError(e).orElse(e));
        }
    }

    private void workAndRemember(StageRun run) throws Exception {
        String state = "failed";
        String reason = "";
        try {
            work(run);
            state = "done";
        } catch (StoppedOnRequest e) {
            state = "stopped";
            reason = e.getMessage();
            throw e;
        } catch (Exception | Error e) {
            reason = Failure.inWords(e);
            throw e;
        } finally {
            if (recordsSettings()) {
                run.remember(state, reason);
            }
        }
    }
}
