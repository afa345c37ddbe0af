package io.sparkqa.run;

import io.sparkqa.config.Experiment;
import io.sparkqa.files.Staging;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * The folder that holds everything a run makes, and where in it each thing lies. A split is {@code train}, {@code dev}
 * or a name of {@code data.more}; dev's files bear plain names, those of another split end with its name.
 *
 * @param root {@code run.dir}
 */
public record RunFolder(Path root) {
    /** Which stage makes what lies in a run folder, by the beginning of its relative path. */
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

    /** The run folder that the settings name. */
    public static RunFolder of(Experiment experiment) {
        return new RunFolder(Path.of(experiment.run().dir().orElseThrow()));
    }

    /** The resolved settings, as used. */
    public Path experimentConf() {
        return root.resolve("experiment.conf");
    }

    /** Parquet, a row a question. */
    public Path examples(String split) {
        return root.resolve("examples").resolve(split);
    }

    /** Arrow, a row a window. */
    public Path windows(String split) {
        return root.resolve("windows").resolve(split);
    }

    /** A folder {@code step-NNNNNNN} a checkpoint. */
    public Path checkpoints() {
        return root.resolve("checkpoints");
    }

    /** The model that did best on dev, if it is kept; a HuggingFace folder. */
    public Path bestModel() {
        return checkpoints().resolve("best");
    }

    /** The fine-tuned model, a HuggingFace folder. */
    public Path model() {
        return root.resolve("model");
    }

    /** A JSON line a log step of the training. */
    public Path trainLog() {
        return root.resolve("train-log.jsonl");
    }

    /** Parquet, a row a question: text, null odds, n best. */
    public Path answers(String split) {
        return root.resolve("answers").resolve(split);
    }

    /** Parquet, a row a question: exact and F1. */
    public Path scores(String split) {
        return root.resolve("scores").resolve(split);
    }

    /** Question id to text. */
    public Path predictions(String split) {
        return json("predictions", split);
    }

    /** Question id to null odds. */
    public Path nullOdds(String split) {
        return json("null_odds", split);
    }

    /** Question id to its n best answers. */
    public Path nbestPredictions(String split) {
        return json("nbest_predictions", split);
    }

    /** The official script's metrics. */
    public Path metrics(String split) {
        return json("metrics", split);
    }

    /** The official script's metrics for each kind of question. */
    public Path metricsByKind(String split) {
        return json("metrics-by-kind", split);
    }

    /** The best null thresholds, and the scores that they would give. */
    public Path thresholds(String split) {
        return json("thresholds", split);
    }

    /** The page that shows the run. */
    public Path report() {
        return root.resolve("report.html");
    }

    /** A JSON line a process that made something here, or was to. */
    Path stages() {
        return root.resolve("stages.jsonl");
    }

    /** A full log a stage. */
    public Path log(String stage) {
        return root.resolve("logs").resolve(stage + ".log");
    }

    /** Spark's event log of each stage's run, for its history server. */
    public Path events() {
        return root.resolve("spark-events");
    }

    /** A manifest a step. */
    Path manifests() {
        return root.resolve("manifests");
    }

    /** The stage that makes what lies at a path relative to a run folder; empty if none is known to. */
    static Optional<String> maker(String relative) {
        return MAKERS.entrySet().stream()
                .filter(entry -> relative.startsWith(entry.getKey()))
                .map(Map.Entry::getValue)
                .findFirst();
    }

    /** A path relative to this folder; empty if it lies elsewhere. */
    Optional<String> relative(Path path) {
        Path here = root.toAbsolutePath().normalize();
        Path there = path.toAbsolutePath().normalize();
        return there.startsWith(here) ? Optional.of(here.relativize(there).toString()) : Optional.empty();
    }

    private Path json(String name, String split) {
        return root.resolve(split.equals("dev") ? name + ".json" : name + "-" + split + ".json");
    }

    /** The splits that are complete in a table's folder, as {@code examples}. */
    public List<String> splitsIn(String table) {
        Path folder = root.resolve(table);
        if (!Files.isDirectory(folder)) {
            return List.of();
        }
        try (Stream<Path> splits = Files.list(folder)) {
            return splits.filter(Files::isDirectory)
                    .filter(path -> !Staging.isStaging(path))
                    .map(path -> path.getFileName().toString())
                    .sorted()
                    .collect(Collectors.toList());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** A path for Spark: a local one, whatever file system is Spark's default. */
    public static String uri(Path path) {
        return "file://" + path.toAbsolutePath().normalize();
    }
}
