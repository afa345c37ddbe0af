package io.sparkqa.train;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.sparkqa.files.Staging;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/** The log of a training run: a JSON object a line, each with the {@code step} that it belongs to. */
public final class TrainingLog {
    private static final ObjectMapper JSON = new ObjectMapper();

    /** {@code event} of the lines that hold dev's loss and metrics. */
    static final String EVALUATION = "evaluation";

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

    /** Removes the lines after a step, since a resumed run writes them again, and a torn last line. */
    public void cutAfter(long step) throws IOException {
        if (!Files.exists(file)) {
            return;
        }
        List<String> kept = new ArrayList<>();
        for (String line : Files.readAllLines(file)) {
            if (step(line) <= step) {
                kept.add(line);
            }
        }
        Staging.write(file, kept.stream().map(line -> line + "\n").collect(Collectors.joining()));
    }

    /** Returns all lines; none if nothing was logged yet. */
    public List<JsonNode> lines() throws IOException {
        List<JsonNode> lines = new ArrayList<>();
        if (Files.exists(file)) {
            for (String line : Files.readAllLines(file)) {
                lines.add(JSON.readTree(line));
            }
        }
        return lines;
    }

    /** Returns the lines of evaluations of dev. */
    public List<JsonNode> evaluations() throws IOException {
        return lines().stream()
                .filter(line -> line.path("event").asText().equals(EVALUATION))
                .toList();
    }

    private static long step(String line) {
        try {
            return JSON.readTree(line).path("step").asLong();
        } catch (JsonProcessingException e) {
            return Long.MAX_VALUE; // torn in the middle
        }
    }
}
