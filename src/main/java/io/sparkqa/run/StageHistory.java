package io.sparkqa.run;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.sparkqa.torch.ProcessMemory;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;

/**
 * The history of a run folder, one JSON line per process: the stage, its end ({@code done}, {@code stopped} or {@code
 * failed}), time, seconds, memory, hardware and software. A process that found everything up to date adds no line.
 */
public final class StageHistory {
    private static final ObjectMapper JSON = new ObjectMapper();

    private final Path file;

    public StageHistory(RunFolder folder) {
        this.file = folder.stages();
    }

    /** Appends the line of this process. */
    void add(String stage, String state, double seconds, String summary) throws IOException {
        ObjectNode line = JSON.createObjectNode();
        line.put("stage", stage);
        line.put("state", state);
        line.put("ended", Instant.now().truncatedTo(ChronoUnit.SECONDS).toString());
        line.put("seconds", Math.round(10 * seconds) / 10.0);
        ProcessMemory.peak().ifPresent(megabytes -> line.put("peak_memory_mb", Math.round(megabytes)));
        line.put("summary", summary);
        line.set("hardware", JSON.valueToTree(Machine.hardware()));
        line.set("versions", JSON.valueToTree(Machine.versions()));
        Files.createDirectories(file.toAbsolutePath().getParent());
        // The line is one write, so that stages that run at the same time do not mix their lines.
        Files.writeString(
                file, JSON.writeValueAsString(line) + "\n", StandardOpenOption.CREATE, StandardOpenOption.APPEND);
    }

    /** Returns all lines, oldest first, without incomplete ones; none if nothing ran here yet. */
    public List<JsonNode> lines() throws IOException {
        List<JsonNode> lines = new ArrayList<>();
        if (Files.exists(file)) {
            for (String line : Files.readAllLines(file)) {
                try {
                    lines.add(JSON.readTree(line));
                } catch (JsonProcessingException e) {
                    // An incomplete line: its process was killed, or the disk was full.
                }
            }
        }
        return lines;
    }
}
