package io.sparkqa.train;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.sparkqa.config.UserError;
import io.sparkqa.files.Staging;
import io.sparkqa.files.Trees;
import io.sparkqa.files.WholeFolder;
import io.sparkqa.model.Safetensors;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Consumer;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Snapshots of a run, {@code step-NNNNNNN/}: weights, both moments, the position, and the settings that determine the
 * result. Each is a {@link WholeFolder}.
 */
public final class Checkpoints {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final Pattern NAMED = Pattern.compile("step-[0-9]{7,}");
    private static final String STATE = "state.json";
    static final String WEIGHTS = "model.safetensors";

    private final Path folder;
    private final int keep;
    private final Map<String, String> settings;
    private final Consumer<String> warning;
    private final List<Path> damaged = new ArrayList<>();

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

    /**
     * Where a run stands.
     *
     * @param step steps done
     * @param epoch whole passes over the data done
     * @param stepOfEpoch steps done since
     * @param last whether the run is at its end
     */
    record Position(long step, long epoch, long stepOfEpoch, boolean last) {}

    /** What {@code state.json} holds. */
    record State(Position position, Map<String, String> settings) {}

    /** A whole snapshot; the state of the optimizer is whoever's wrote it. */
    record Snapshot(Path folder, Position position) {
        Map<String, Safetensors.Tensor> weights() {
            return Safetensors.read(folder.resolve(WEIGHTS));
        }
    }

    /**
     * Writes a snapshot, then removes the oldest ones.
     *
     * @param content writes {@link #WEIGHTS} and the state of the optimizer
     * @return its folder
     * @throws UserError if it can't be written; the others stay as they are
     */
    Path save(Position position, WholeFolder.Content content) throws IOException {
        Path snapshot = folder.resolve(name(position.step()));
        try {
            WholeFolder.write(snapshot, staging -> {
                content.write(staging);
                Files.write(staging.resolve(STATE), JSON.writeValueAsBytes(new State(position, settings)));
            });
        } catch (IOException e) {
            throw new UserError(
                    "the checkpoint of step %d can't be written (%s); %s: make room on that disk, and the same command goes on from there"
                            .formatted(position.step(), e.getMessage(), lastGood()),
                    e);
        }
        List<Path> newestFirst = newestFirst();
        newestFirst.removeAll(damaged);
        for (Path old : newestFirst.subList(Math.min(keep, newestFirst.size()), newestFirst.size())) {
            Trees.delete(old);
        }
        for (Path path : damaged) {
            Trees.delete(path);
        }
        damaged.clear();
        return snapshot;
    }

    /**
     * Finds the newest whole snapshot, none if the run is at its beginning. What a finished run with other settings has
     * left is removed.
     *
     * @throws UserError if an unfinished run was made with other settings
     */
    Optional<Snapshot> newest() throws IOException {
        WholeFolder.sweep(folder);
        Optional<Path> newest = newestWhole();
        if (newest.isEmpty()) {
            return Optional.empty();
        }
        State state = JSON.readValue(newest.get().resolve(STATE).toFile(), State.class);
        List<String> differences = differences(state.settings());
        if (differences.isEmpty()) {
            return Optional.of(new Snapshot(newest.get(), state.position()));
        }
        if (!state.position().last()) {
            throw new UserError(
                    "%s belongs to an unfinished run with other settings (then → now): %s; set them back to go on with it, give another run.dir, or start anew with --force"
                            .formatted(newest.get(), String.join(", ", differences)));
        }
        clear();
        return Optional.empty();
    }

    /** A folder for what belongs to the snapshot after a step and is written before it; swept away if left over. */
    Path staging(long step) {
        return Staging.of(folder.resolve(name(step) + "-parts"));
    }

    private static String name(long step) {
        return String.format(Locale.ROOT, "step-%07d", step);
    }

    private Optional<Path> newestWhole() throws IOException {
        List<Path> newestFirst = newestFirst();
        for (Path checkpoint : newestFirst) {
            Optional<String> damage = WholeFolder.damage(checkpoint);
            if (damage.isEmpty()) {
                return Optional.of(checkpoint);
            }
            damaged.add(checkpoint);
            warning.accept("%s is damaged (%s) and passed over for %s"
                    .formatted(
                            checkpoint,
                            damage.get(),
                            damaged.size() < newestFirst.size() ? "the one before" : "the very beginning"));
        }
        return Optional.empty();
    }

    /** Says which snapshot a run can go on from. */
    String lastGood() throws IOException {
        List<Path> good = newestFirst();
        good.removeAll(damaged);
        return inWords(good.isEmpty() ? "" : good.get(0).toString());
    }

    /**
     * @param lastGood the newest whole checkpoint; empty if there is none
     */
    static String inWords(String lastGood) {
        return lastGood.isEmpty() ? "there is no checkpoint yet" : "the last good checkpoint is " + lastGood;
    }

    /** Returns the step of the newest snapshot in a folder, damaged or not; empty if there is none. */
    public static OptionalLong newestStep(Path folder) throws IOException {
        if (!Files.isDirectory(folder)) {
            return OptionalLong.empty();
        }
        try (Stream<Path> entries = Files.list(folder)) {
            return entries.map(entry -> entry.getFileName().toString())
                    .filter(name -> NAMED.matcher(name).matches() && name.length() < 24)
                    .mapToLong(name -> Long.parseLong(name.substring("step-".length())))
                    .max();
        }
    }

    /** Removes all snapshots. */
    public void clear() throws IOException {
        Trees.delete(folder);
        damaged.clear();
    }

    private List<String> differences(Map<String, String> then) {
        TreeSet<String> keys = new TreeSet<>(settings.keySet());
        keys.addAll(then.keySet());
        return keys.stream()
                .filter(key -> !Objects.equals(settings.get(key), then.get(key)))
                .map(key -> "%s: %s → %s"
                        .formatted(key, then.getOrDefault(key, "unset"), settings.getOrDefault(key, "unset")))
                .toList();
    }

    private List<Path> newestFirst() throws IOException {
        if (!Files.isDirectory(folder)) {
            return new ArrayList<>();
        }
        try (Stream<Path> entries = Files.list(folder)) {
            return entries.filter(entry ->
                            NAMED.matcher(entry.getFileName().toString()).matches())
                    .sorted(Comparator.reverseOrder())
                    .collect(Collectors.toCollection(ArrayList::new));
        }
    }
}
