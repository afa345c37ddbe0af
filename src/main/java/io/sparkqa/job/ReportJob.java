package io.sparkqa.job;

import io.sparkqa.config.Experiment;
import io.sparkqa.config.ExperimentReader;
import io.sparkqa.config.ResolvedSettings;
import io.sparkqa.config.UserError;
import io.sparkqa.config.WrongUse;
import io.sparkqa.files.Checksum;
import io.sparkqa.files.Staging;
import io.sparkqa.job.ReportTables.Evaluated;
import io.sparkqa.report.Report;
import io.sparkqa.report.ReportedRun;
import io.sparkqa.report.ReportedSplit;
import io.sparkqa.run.CachedStep;
import io.sparkqa.run.CompletedOutputs;
import io.sparkqa.run.RunFolder;
import io.sparkqa.run.StageHistory;
import io.sparkqa.run.StageRun;
import io.sparkqa.run.StaleOutputs;
import io.sparkqa.train.TrainingLog;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.ZoneId;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Shows the results of one or several runs side by side, on one page that needs no network. */
@Command(
        name = "report",
        description = {
            "Shows a run's results on one page: report.html in the run folder.",
            "Several configurations, or run folders in their place, are shown side by side in the first one's folder:"
                    + " CONF|RUN_FOLDER [CONF|RUN_FOLDER ...]"
        })
public final class ReportJob extends Stage {
    /** Largest size of the page, in bytes. */
    private static final int LARGEST_PAGE = 4_900_000;

    /** Most questions that the page shows one by one; fewer if the page would be too large. */
    private static final int MOST_QUESTIONS = 15_000;

    @Option(
            names = "--out",
            paramLabel = "FILE",
            description = "Write the page to this file instead of the run folder, even if it is up to date.")
    private Path out;

    private List<String> others = List.of();

    public static void main(String[] arguments) {
        System.exit(new ReportJob().run(arguments));
    }

    /** Takes out the arguments without {@code =}, which are further configurations. */
    @Override
    protected List<String> overrides(List<String> arguments) {
        others = arguments.stream().filter(argument -> !argument.contains("=")).toList();
        if (others.size() >= Report.MOST_RUNS) {
            throw new WrongUse("%s runs given; a page shows at most %s".formatted(others.size() + 1, Report.MOST_RUNS));
        }
        return arguments.stream().filter(argument -> argument.contains("=")).toList();
    }

    @Override
    protected Experiment read(Path conf, List<String> overrides) {
        return RunArgument.read(conf, overrides);
    }

    @Override
    protected boolean recordsSettings() {
        return false;
    }

    /** A run to show. */
    private record Shown(Experiment experiment, RunFolder folder, CompletedOutputs completed) {
        static Shown of(Experiment experiment) {
            RunFolder folder = RunFolder.of(experiment);
            Shown shown = new Shown(experiment, folder, new CompletedOutputs(folder));
            if (shown.files().isEmpty()) {
                throw new UserError("%s: nothing to report yet; run jobs/pipeline.sh with this configuration first"
                        .formatted(folder.root()));
            }
            shown.completed().requireAgreement(shown.files());
            return shown;
        }

        List<Evaluated> evaluated() {
            return ReportTables.splits(folder, completed).stream()
                    .map(split -> new Evaluated(folder, completed, split))
                    .toList();
        }

        /** Returns the complete files from which the page is made. */
        List<Path> files() {
            List<Path> files = new ArrayList<>(List.of(folder.trainLog()));
            for (Evaluated each : evaluated()) {
                for (Function<String, Path> table : List.<Function<String, Path>>of(
                        folder::scores, folder::answers, folder::examples, folder::windows, folder::metrics)) {
                    files.add(table.apply(each.split()));
                }
            }
            files.removeIf(file -> !completed.contains(file));
            return files;
        }

        ReportedRun run(String name, Map<Evaluated, ReportedSplit> splits) throws IOException {
            var published = experiment.report().published();
            return new ReportedRun(
                    name,
                    stale(),
                    settings(),
                    completed.contains(folder.trainLog()) ? new TrainingLog(folder.trainLog()).lines() : List.of(),
                    new StageHistory(folder).lines(),
                    completed.digests(),
                    published.exact().isPresent() || published.f1().isPresent()
                            ? Optional.of(
                                    new ReportedRun.Published(published.exact(), published.f1(), published.source()))
                            : Optional.empty(),
                    evaluated().stream().map(splits::get).toList());
        }

        /** What the page shows although its inputs have changed since. */
        List<String> stale() {
            return new StaleOutputs(folder).inWords(files());
        }

        /** Those that the run was made with, secrets left out. */
        private Map<String, String> settings() {
            Path used = folder.experimentConf();
            return Files.exists(used)
                    ? ResolvedSettings.of(ExperimentReader.read(used, List.of("run.dir=" + folder.root())))
                    : Map.of();
        }
    }

    @Override
    protected void work(StageRun run) throws Exception {
        List<Shown> shown = new ArrayList<>();
        shown.add(Shown.of(run.experiment()));
        for (String conf : others) {
            shown.add(Shown.of(read(Path.of(conf), List.of())));
        }
        if (out != null) {
            String summary = write(shown, Staging.of(out));
            Staging.publish(Staging.of(out), out);
            run.say("report: %s; see %s".formatted(summary, out));
            return;
        }
        Path page = run.folder().report();
        CachedStep step = run.step("report").settings("report").makes(page);
        step.dependsOn("runs", String.join(", ", names(shown)));
        step.dependsOn("page", Report.version());
        for (Shown each : shown) {
            step.reads(each.files().toArray(Path[]::new));
            step.dependsOn("stale in " + each.folder().root(), String.join("; ", each.stale()));
            step.dependsOn(
                    "history of " + each.folder().root(),
                    Checksum.sha256()
                            .add(new StageHistory(each.folder()).lines().toString())
                            .hex());
        }
        step.by(staging -> write(shown, staging.apply(page)));
    }

    /** Returns the names of the folders if they differ, else their whole paths. */
    private static List<String> names(List<Shown> runs) {
        List<String> paths =
                runs.stream().map(run -> run.folder().root().toString()).toList();
        List<String> names = paths.stream()
                .map(path ->
                        Path.of(path).toAbsolutePath().normalize().getFileName().toString())
                .toList();
        return names.stream().distinct().count() == names.size() ? names : paths;
    }

    private static String write(List<Shown> shown, Path file) throws IOException {
        int most = MOST_QUESTIONS;
        byte[] page = page(shown, most);
        while (page.length > LARGEST_PAGE && most > 1) {
            most = (int) Math.max(1, 0.9 * most * LARGEST_PAGE / page.length);
            page = page(shown, most);
        }
        Files.write(file, page);
        return String.format(
                Locale.ROOT, "%s, %.1f MB", shown.size() == 1 ? "1 run" : shown.size() + " runs", page.length / 1e6);
    }

    private static byte[] page(List<Shown> shown, int most) throws IOException {
        Map<Evaluated, ReportedSplit> splits = ReportTables.read(
                shown.stream().flatMap(each -> each.evaluated().stream()).toList(), most);
        List<String> names = names(shown);
        List<ReportedRun> runs = new ArrayList<>();
        for (int i = 0; i < shown.size(); i++) {
            runs.add(shown.get(i).run(names.get(i), splits));
        }
        return Report.html(
                runs,
                ZonedDateTime.now(ZoneId.systemDefault())
                        .format(DateTimeFormatter.ofPattern("d MMMM yyyy, HH:mm", Locale.ENGLISH)));
    }
}
