package io.sparkqa.run;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.sparkqa.config.ExperimentReader;
import io.sparkqa.config.Reason;
import io.sparkqa.config.ResolvedSettings;
import io.sparkqa.config.UserError;
import io.sparkqa.train.Checkpoints;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalLong;
import java.util.TreeMap;
import java.util.stream.Stream;

/**
 * A summary of a run folder.
 *
 * @param name name of the folder
 * @param changed time at which the last stage ended, or else at which the folder was last changed
 * @param state {@code done}, {@code trained}, {@code resumable at step N}, {@code stopped} or {@code failed}, with the
 *     reason, or {@code begun}; says if the scores are stale; {@code unreadable}, with the reason, of a broken folder
 * @param exact exact match on dev, in percent, if dev is evaluated
 * @param f1 F1 on dev, in percent, if dev is evaluated
 * @param seconds time of all stages in the history
 * @param settings settings of the last stage; empty if no stage has succeeded yet
 */
public record RunSummary(
        String name,
        Instant changed,
        String state,
        OptionalDouble exact,
        OptionalDouble f1,
        double seconds,
        Map<String, String> settings) {
    /** Returns the runs of a folder, the newest first. */
    public static List<RunSummary> in(Path folder) {
        try (Stream<Path> folders = Files.list(folder)) {
            return folders.filter(Files::isDirectory)
                    .map(RunFolder::new)
                    .filter(RunSummary::isRun)
                    .map(RunSummary::of)
                    .sorted(Comparator.comparing(RunSummary::changed).reversed())
                    .toList();
        } catch (IOException e) {
            throw new UserError("%s: the folder does not exist or can't be read".formatted(folder), e);
        }
    }

    private static boolean isRun(RunFolder folder) {
        return Stream.of(folder.experimentConf(), folder.stages(), folder.checkpoints(), folder.manifests())
                .anyMatch(Files::exists);
    }

    /** Returns the summary of a folder; of one with a file that can't be read, the reason, so that the others are listed. */
    private static RunSummary of(RunFolder folder) {
        try {
            return read(folder);
        } catch (UserError e) {
            return new RunSummary(
                    folder.root().getFileName().toString(),
                    lastChange(folder),
                    "unreadable: " + e.getMessage().replace(folder.root() + "/", ""),
                    OptionalDouble.empty(),
                    OptionalDouble.empty(),
                    0,
                    Map.of());
        }
    }

    private static RunSummary read(RunFolder folder) {
        List<JsonNode> history = history(folder);
        Optional<JsonNode> metrics = metrics(folder);
        return new RunSummary(
                folder.root().getFileName().toString(),
                lastChange(folder, history),
                state(folder, history, metrics.isPresent()),
                number(metrics, "exact"),
                number(metrics, "f1"),
                history.stream()
                        .mapToDouble(line -> line.path("seconds").asDouble())
                        .sum(),
                settings(folder));
    }

    private static List<JsonNode> history(RunFolder folder) {
        try {
            return new StageHistory(folder).lines();
        } catch (IOException e) {
            throw new UserError("%s: can't be read: %s".formatted(folder.stages(), Reason.of(e)), e);
        }
    }

    private static Optional<JsonNode> metrics(RunFolder folder) {
        Path file = folder.metrics("dev");
        if (!new CompletedOutputs(folder).contains(file)) {
            return Optional.empty();
        }
        try {
            return Optional.of(new ObjectMapper().readTree(file.toFile()));
        } catch (IOException e) {
            throw new UserError("%s: can't be read: %s".formatted(file, Reason.of(e)), e);
        }
    }

    private static OptionalDouble number(Optional<JsonNode> metrics, String key) {
        return metrics.filter(json -> json.path(key).isNumber())
                .map(json -> OptionalDouble.of(json.get(key).asDouble()))
                .orElse(OptionalDouble.empty());
    }

    private static Instant lastChange(RunFolder folder, List<JsonNode> history) {
        String ended = history.isEmpty()
                ? ""
                : history.get(history.size() - 1).path("ended").asText();
        try {
            return Instant.parse(ended);
        } catch (DateTimeParseException none) {
            return lastChange(folder);
        }
    }

    private static Instant lastChange(RunFolder folder) {
        try {
            return Files.getLastModifiedTime(folder.root()).toInstant();
        } catch (IOException e) {
            throw new UserError("%s: can't be read: %s".formatted(folder.root(), Reason.of(e)), e);
        }
    }

    private static String state(RunFolder folder, List<JsonNode> history, boolean evaluated) {
        Optional<JsonNode> last = history.isEmpty() ? Optional.empty() : Optional.of(history.get(history.size() - 1));
        String ended = last.map(line -> line.path("state").asText()).orElse("");
        OptionalLong step = newestStep(folder);
        boolean trained = new CompletedOutputs(folder).contains(folder.model());
        if (ended.equals("failed")) {
            String stage = last.orElseThrow().path("stage").asText();
            return "failed: %s: %s"
                    .formatted(stage, last.orElseThrow().path("summary").asText());
        }
        if (!trained && step.isPresent()) {
            return "resumable at step " + step.getAsLong();
        }
        String state = evaluated ? "done" : trained ? "trained" : ended.equals("stopped") ? "stopped" : "begun";
        return new StaleOutputs(folder)
                .why(folder.metrics("dev"))
                .map(reason -> state + ", stale: " + reason)
                .orElse(state);
    }

    private static OptionalLong newestStep(RunFolder folder) {
        try {
            return Checkpoints.newestStep(folder.checkpoints());
        } catch (IOException e) {
            throw new UserError("%s: can't be read: %s".formatted(folder.checkpoints(), Reason.of(e)), e);
        }
    }

    private static Map<String, String> settings(RunFolder folder) {
        if (!Files.exists(folder.experimentConf())) {
            return Map.of();
        }
        try {
            Map<String, String> settings =
                    new TreeMap<>(ResolvedSettings.of(ExperimentReader.read(folder.experimentConf(), List.of())));
            settings.keySet().removeIf(key -> key.equals("run.dir") || key.startsWith("spark."));
            return settings;
        } catch (UserError e) {
            return Map.of(); // settings of another version of spark-qa
        }
    }
}
