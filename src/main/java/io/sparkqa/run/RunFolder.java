package io.sparkqa.run;

import io.sparkqa.config.Experiment;
import io.sparkqa.decode.Calibration;
import io.sparkqa.files.Staging;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * The folder of a run's results and the path of each result in it. A split is {@code train}, {@code dev} or a name of {@code
 * data.more}. File names end with the name of the split, except dev's.
 *
 * @param root {@code run.dir}
 */
public record RunFolder(Path root) {
    /** The relative paths of the outputs, as regular expressions, by the stage that makes them. */
    private static final Map<String, Pattern> OUTPUTS = Map.of(
            "preprocess", Pattern.compile("(examples|windows)(/.*)?"),
            "train", Pattern.compile("model(/.*)?|train-log\\.jsonl"),
            "decode",
                    Pattern.compile("(logits|answers)(/.*)?|spark_qa\\.json"
                            + "|(answers|predictions|null_odds|nbest_predictions)(-.+)?\\.json"),
            "evaluate", Pattern.compile("scores(/.*)?|(metrics|metrics-by-kind|thresholds)(-.+)?\\.json"));

    /** Returns the run folder that the settings name. */
    public static RunFolder of(Experiment experiment) {
        return new RunFolder(Path.of(experiment.run().dir().orElseThrow()));
    }

    /** The settings of the last stage that ran, including defaults. */
    public Path experimentConf() {
        return root.resolve("experiment.conf");
    }

    /** Parquet, one row per question. */
    public Path examples(String split) {
        return root.resolve("examples").resolve(split);
    }

    /** Arrow, one row per window. */
    public Path windows(String split) {
        return root.resolve("windows").resolve(split);
    }

    /** A folder with one folder {@code step-NNNNNNN} per checkpoint. */
    public Path checkpoints() {
        return root.resolve("checkpoints");
    }

    /** The fine-tuned model, a HuggingFace folder. */
    public Path model() {
        return root.resolve("model");
    }

    /** JSON lines, one per event of the training. */
    public Path trainLog() {
        return root.resolve("train-log.jsonl");
    }

    /** Parquet, one row per window: its highest start and end logits. */
    public Path logits(String split) {
        return root.resolve("logits").resolve(split);
    }

    /** The null threshold with the best F1 on dev, for the model that was used last. */
    public Path calibration() {
        return root.resolve(Calibration.FILE);
    }

    /** Parquet, one row per question: text, null odds, n best. */
    public Path answers(String split) {
        return root.resolve("answers").resolve(split);
    }

    /** Parquet, one row per question: exact and F1. */
    public Path scores(String split) {
        return root.resolve("scores").resolve(split);
    }

    /** Question id to answer, its score, and where it starts and ends in the context. */
    public Path places(String split) {
        return json("answers", split);
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

    /** The best null thresholds and their scores. */
    public Path thresholds(String split) {
        return json("thresholds", split);
    }

    /** The page that shows the run. */
    public Path report() {
        return root.resolve("report.html");
    }

    /** JSON lines, one per process that made outputs here or failed. */
    Path stages() {
        return root.resolve("stages.jsonl");
    }

    /** A stage's full log. */
    public Path log(String stage) {
        return root.resolve("logs").resolve(stage + ".log");
    }

    /** Spark's event logs, one per stage run, for its history server. */
    public Path events() {
        return root.resolve("spark-events");
    }

    /** A folder with one manifest per step. */
    Path manifests() {
        return root.resolve("manifests");
    }

    /** Returns the stage that makes the output at a path relative to a run folder; empty if no stage does. */
    static Optional<String> maker(String relative) {
        return OUTPUTS.entrySet().stream()
                .filter(stage -> stage.getValue().matcher(relative).matches())
                .map(Map.Entry::getKey)
                .findFirst();
    }

    /** Returns the name of a step's input in its manifest: relative to this folder if it is in it, else absolute. */
    String inputName(Path input) {
        return relative(input)
                .orElseGet(() -> input.toAbsolutePath().normalize().toString());
    }

    /** Returns the path of an input by its name in a manifest. */
    Path input(String name) {
        return root.resolve(name);
    }

    /** Returns a path relative to this folder; empty if the path is not in it. */
    Optional<String> relative(Path path) {
        Path here = root.toAbsolutePath().normalize();
        Path there = path.toAbsolutePath().normalize();
        return there.startsWith(here) ? Optional.of(here.relativize(there).toString()) : Optional.empty();
    }

    private Path json(String name, String split) {
        return root.resolve(split.equals("dev") ? name + ".json" : name + "-" + split + ".json");
    }

    /** Returns the splits in a table's folder, such as {@code examples}. */
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
}
