package io.sparkqa.train;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.sparkqa.files.Staging;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** The log of a training run: one JSON object per line, each with the {@code step} that it belongs to. */
public final class TrainingLog {
    private static final ObjectMapper JSON = new ObjectMapper();

    /** The {@code event} of lines with dev's loss and metrics. */
    static final String EVALUATION = "evaluation";

    private static final String STEP = "step";

    private final Path file;

    public TrainingLog(Path file) {
        this.file = file;
    }

    /** Appends a line; its values must contain {@code step}. */
    public void add(Map<String, Object> values) {
        try {
            Files.createDirectories(file.getParent());
            Files.writeString(
                    file, JSON.writeValueAsString(values) + "\n", StandardOpenOption.CREATE, StandardOpenOption.APPEND);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Removes the lines after a step, since a resumed run writes them again, and damaged lines. */
    public void cutAfter(long step) throws IOException {
        StringBuilder kept = new StringBuilder();
        for (JsonNode line : lines()) {
            if (line.get(STEP).asLong() <= step) {
                kept.append(JSON.writeValueAsString(line)).append('\n');
            }
        }
        Files.createDirectories(file.getParent());
        Staging.write(file, kept.toString());
    }

    /** Returns all lines; none if nothing was logged yet. Damaged lines are left out. */
    public List<JsonNode> lines() throws IOException {
        if (!Files.exists(file)) {
            return List.of();
        }
        // Files.readAllLines would fail at bytes that are not UTF-8.
        return new String(Files.readAllBytes(file), StandardCharsets.UTF_8)
                .lines()
                .map(TrainingLog::parsed)
                .flatMap(Optional::stream)
                .toList();
    }

    private static Optional<JsonNode> parsed(String line) {
        try {
            return Optional.of(JSON.readTree(line))
                    .filter(node -> node.path(STEP).isIntegralNumber());
        } catch (JsonProcessingException e) {
            return Optional.empty();
        }
    }

    /** Returns the lines of dev's evaluations. */
    public List<JsonNode> evaluations() throws IOException {
        return lines().stream()
                .filter(line -> line.path("event").asText().equals(EVALUATION))
                .toList();
    }
}
