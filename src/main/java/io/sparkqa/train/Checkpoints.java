package io.sparkqa.train;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.sparkqa.config.UserError;
import io.sparkqa.model.RobertaForQuestionAnswering;
import io.sparkqa.model.Safetensors;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Consumer;
import java.util.stream.Stream;

/**
 * Snapshots of a run, {@code step-NNNNNNN/}: weights, both moments, and the settings that determine the result. Each is
 * written beside, forced to the disk and renamed, so a folder of that name is whole.
 */
public final class Checkpoints {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final String WEIGHTS = "model.safetensors";
    private static final String MOMENTS = "optimizer.safetensors";
    private static final String STATE = "state.json";

    private final Path folder;
    private final int keep;
    private final Map<String, String> settings;
    private final Consumer<String> warning;

    /**
     * @param keep how many of the newest stay
     * @param settings those that determine the result, by key; a run resumes only with the same ones
     * @param warning told of a damaged checkpoint that is passed over
     */
    public Checkpoints(Path folder, int keep, Map<String, String> settings, Consumer<String> warning) {
        this.folder = folder;
        this.keep = keep;
        this.settings = new TreeMap<>(settings);
        this.warning = warning;
    }

    /** Where a run stands: the steps done, and whether they are all. */
    record State(long step, boolean last, Map<String, String> settings) {}

    /** Writes a snapshot after so many steps, and removes the oldest ones. */
    void save(long step, boolean last, RobertaForQuestionAnswering network, AdamW optimizer) throws IOException {
        Path target = folder.resolve("step-%07d".formatted(step));
        Path beside = folder.resolve("." + target.getFileName() + ".tmp");
        delete(beside);
        Files.createDirectories(beside);
        Safetensors.write(beside.resolve(WEIGHTS), network.tensors());
        Safetensors.write(beside.resolve(MOMENTS), optimizer.tensors());
        Files.write(beside.resolve(STATE), JSON.writeValueAsBytes(new State(step, last, settings)));
        force(beside.resolve(STATE));
        force(beside);
        delete(target);
        Files.move(beside, target, StandardCopyOption.ATOMIC_MOVE);
        force(folder);
        List<Path> newestFirst = newestFirst();
        for (Path old : newestFirst.subList(Math.min(keep, newestFirst.size()), newestFirst.size())) {
            delete(old);
        }
    }

    /**
     * Brings network and optimizer to the newest whole snapshot. What a finished run with other settings has left is
     * removed.
     *
     * @return the steps done
     * @throws UserError if an unfinished run was made with other settings
     */
    long restore(RobertaForQuestionAnswering network, AdamW optimizer) throws IOException {
        for (Path checkpoint : newestFirst()) {
            try {
                State state = JSON.readValue(checkpoint.resolve(STATE).toFile(), State.class);
                Map<String, Safetensors.Tensor> weights = Safetensors.read(checkpoint.resolve(WEIGHTS));
                Map<String, Safetensors.Tensor> moments = Safetensors.read(checkpoint.resolve(MOMENTS));
                List<String> differences = differences(state.settings());
                if (differences.isEmpty()) {
                    network.restore(weights);
                    optimizer.restore(moments);
                    return state.step();
                }
                if (!state.last()) {
                    throw new OtherSettings(checkpoint + " belongs to an unfinished run with other settings: "
                            + String.join(", ", differences) + "; take those back, or start over with --force");
                }
                clear();
                return 0;
            } catch (OtherSettings e) {
                throw new UserError(e.getMessage(), e);
            } catch (IOException | UserError e) {
                warning.accept(checkpoint + " is damaged and passed over (" + e.getMessage() + ")");
            }
        }
        return 0;
    }

    /** Removes all snapshots. */
    public void clear() throws IOException {
        delete(folder);
    }

    private List<String> differences(Map<String, String> theirs) {
        TreeSet<String> keys = new TreeSet<>(settings.keySet());
        keys.addAll(theirs.keySet());
        return keys.stream()
                .filter(key -> !Objects.equals(settings.get(key), theirs.get(key)))
                .map(key -> key + " = " + settings.get(key) + " (there: " + theirs.get(key) + ")")
                .toList();
    }

    private static final class OtherSettings extends RuntimeException {
        OtherSettings(String message) {
            super(message);
        }
    }

    private List<Path> newestFirst() throws IOException {
        if (!Files.isDirectory(folder)) {
            return List.of();
        }
        try (Stream<Path> entries = Files.list(folder)) {
            return entries.filter(entry -> entry.getFileName().toString().startsWith("step-"))
                    .sorted(Comparator.reverseOrder())
                    .toList();
        }
    }

    private static void force(Path path) throws IOException {
        try (FileChannel channel = FileChannel.open(path)) {
            channel.force(true);
        }
    }

    private static void delete(Path folder) throws IOException {
        if (Files.exists(folder)) {
            try (Stream<Path> paths = Files.walk(folder)) {
                for (Path path : paths.sorted(Comparator.reverseOrder()).toList()) {
                    Files.delete(path);
                }
            }
        }
    }
}
