package io.sparkqa.train;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.MapperFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.sparkqa.config.Reason;
import io.sparkqa.config.UserError;
import io.sparkqa.files.Staging;
import io.sparkqa.files.Trees;
import io.sparkqa.files.WholeFolder;
import io.sparkqa.model.Safetensors;
import java.io.CharConversionException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
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
import java.util.function.LongFunction;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * Snapshots of a run, {@code step-NNNNNNN/}: weights, both moments, the position, and the settings that determine the
 * result. Each is a {@link WholeFolder}.
 *
 * <p>Only a folder of that name with a {@code state.json} of a training counts as a snapshot; a link does not. Apart from
 * snapshots and their staging folders, only the training's log and best model are ever deleted.
 */
public final class Checkpoints {
    private static final ObjectMapper JSON = JsonMapper.builder()
            .enable(DeserializationFeature.FAIL_ON_NULL_FOR_PRIMITIVES)
            .enable(DeserializationFeature.FAIL_ON_MISSING_CREATOR_PROPERTIES)
            .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
            .enable(JsonParser.Feature.STRICT_DUPLICATE_DETECTION)
            .disable(DeserializationFeature.ACCEPT_FLOAT_AS_INT)
            .disable(MapperFeature.ALLOW_COERCION_OF_SCALARS)
            .build();
    /** At least seven ASCII digits, at most what a long holds. */
    private static final Pattern NAME = Pattern.compile("step-[0-9]{7,18}");

    private static final Pattern STAGING = Pattern.compile("(step-[0-9]{7,18}(-parts)?|best)\\.partial");
    private static final String STATE = "state.json";
    private static final int LONGEST_VALUE_IN_MESSAGE = 100;
    private static final int MOST_DIFFERENCES_IN_MESSAGE = 20;
    static final String WEIGHTS = "model.safetensors";

    private final Path folder;
    private final int keep;
    private final Map<String, String> settings;
    private final Consumer<String> warning;
    private final List<Path> damaged = new ArrayList<>();

    /**
     * @param keep number of newest snapshots to keep
     * @param settings the settings that determine the result, by key; a run resumes only with the same settings
     * @param warning receives a message for each damaged snapshot that is skipped
     */
    public Checkpoints(Path folder, int keep, Map<String, String> settings, Consumer<String> warning) {
        this.folder = folder;
        this.keep = keep;
        this.settings = new TreeMap<>(settings);
        this.warning = warning;
    }

    /**
     * The position of a run.
     *
     * @param step steps done
     * @param epoch whole passes over the data done
     * @param stepOfEpoch steps done since the last whole pass
     * @param last whether this is the end of the run
     */
    record Position(long step, long epoch, long stepOfEpoch, boolean last) {}

    /** The contents of {@code state.json}. */
    record State(Position position, Map<String, String> settings) {
        boolean isOf(Path snapshot) {
            return position != null
                    && position.step() == step(snapshot)
                    && settings != null
                    && !settings.containsValue(null);
        }
    }

    /** An undamaged snapshot. The code that wrote the optimizer's state reads it. */
    record Snapshot(Path folder, Position position) {
        Map<String, Safetensors.Tensor> weights() {
            return Safetensors.read(folder.resolve(WEIGHTS));
        }
    }

    /**
     * Returns the value of a setting that is left to the device: that of the newest checkpoint, so that the run goes on with
     * it, else the suggested one. The checkpoints record it.
     */
    public String settle(String key, String suggested) throws IOException {
        List<Path> snapshots = newestFirst();
        Optional<State> newest = snapshots.isEmpty() ? Optional.empty() : state(snapshots.get(0));
        String value = newest.map(state -> state.settings().get(key)).orElse(suggested);
        settings.put(key, value);
        return value;
    }

    /** Returns the path of the training's log during the training. */
    public Path log() {
        return folder.resolve("train-log.jsonl");
    }

    /** Returns the path of the model with the best score on dev. */
    public Path best() {
        return folder.resolve("best");
    }

    /**
     * Writes a snapshot, then removes the oldest ones.
     *
     * @param content writes {@link #WEIGHTS} and the state of the optimizer
     * @return the snapshot's folder
     * @throws UserError if the snapshot can't be written; the others are kept
     */
    Path save(Position position, WholeFolder.Content content) throws IOException {
        Path snapshot = folder.resolve(name(position.step()));
        if (Files.exists(snapshot, LinkOption.NOFOLLOW_LINKS) && !isOurs(snapshot)) {
            throw new UserError(
                    "%s: not a checkpoint, but the checkpoint of step %s must be written here; move it elsewhere and run the same command again to continue. %s"
                            .formatted(snapshot, position.step(), lastGood()));
        }
        try {
            WholeFolder.write(snapshot, staging -> {
                content.write(staging);
                Files.write(staging.resolve(STATE), JSON.writeValueAsBytes(new State(position, settings)));
            });
        } catch (IOException e) {
            throw new UserError(
                    "the checkpoint of step %s can't be written (%s); %s; make room on that disk and run the same command again to continue from there"
                            .formatted(position.step(), Reason.of(e), lastGood()),
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
     * Returns the newest undamaged snapshot; empty if there is none.
     *
     * @param expected returns this run's position after a number of steps
     * @throws UserError if it belongs to a run with other settings
     */
    Optional<Snapshot> newest(LongFunction<Position> expected) throws IOException {
        deleteLeftovers();
        for (Path snapshot : newestFirst()) {
            Optional<String> damage = WholeFolder.damage(snapshot);
            if (damage.isPresent()) {
                skip(snapshot, damage.get());
                continue;
            }
            Optional<State> state = state(snapshot);
            if (state.isEmpty()) {
                skip(snapshot, STATE + " does not hold the state of a training after this step");
                continue;
            }
            Position position = state.get().position();
            List<String> differences = differences(state.get().settings());
            if (differences.isEmpty() && position.equals(expected.apply(position.step()))) {
                return Optional.of(new Snapshot(snapshot, position));
            }
            if (differences.isEmpty()) {
                skip(snapshot, STATE + " holds a position that this training never has");
                continue;
            }
            throw new UserError(
                    "%s belongs to %s run with other settings (then → now): %s; restore them to continue that run, choose another run.dir, or start anew with --force"
                            .formatted(
                                    snapshot,
                                    position.last() ? "a finished" : "an unfinished",
                                    String.join(", ", differences)));
        }
        return Optional.empty();
    }

    /**
     * Returns a folder for parts of the snapshot after a step that are written before it. A leftover of an interrupted run
     * is removed.
     */
    Path staging(long step) {
        return Staging.of(folder.resolve(name(step) + "-parts"));
    }

    private static String name(long step) {
        return String.format(Locale.ROOT, "step-%07d", step);
    }

    private static long step(Path snapshot) {
        String name = snapshot.getFileName().toString();
        return Long.parseLong(name.substring(name.indexOf('-') + 1));
    }

    private void skip(Path snapshot, String damage) throws IOException {
        damaged.add(snapshot);
        List<Path> left = newestFirst();
        left.removeAll(damaged);
        warning.accept("%s is damaged (%s) and skipped; the run continues from %s"
                .formatted(snapshot, damage, left.isEmpty() ? "the beginning" : "the checkpoint before it"));
    }

    /** Says in words from which snapshot a run can continue. */
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
        return folders(folder, NAME).stream().mapToLong(Checkpoints::step).max();
    }

    /** Deletes all snapshots, the training's log and the best model. */
    public void clear() throws IOException {
        deleteLeftovers();
        for (Path snapshot : newestFirst()) {
            Trees.delete(snapshot);
        }
        Trees.delete(best());
        Files.deleteIfExists(log());
        damaged.clear();
    }

    private List<String> differences(Map<String, String> then) {
        TreeSet<String> keys = new TreeSet<>(settings.keySet());
        keys.addAll(then.keySet());
        return keys.stream()
                .filter(key -> !Objects.equals(settings.get(key), then.get(key)))
                .limit(MOST_DIFFERENCES_IN_MESSAGE)
                .map(key -> "%s: %s → %s"
                        .formatted(
                                shortened(key),
                                shortened(then.getOrDefault(key, "unset")),
                                shortened(settings.getOrDefault(key, "unset"))))
                .toList();
    }

    /** Returns a file's text without control characters and of limited length, for use in a message. */
    private static String shortened(String text) {
        String plain = text.replaceAll("\\p{Cntrl}", "?");
        return plain.length() <= LONGEST_VALUE_IN_MESSAGE ? plain : plain.substring(0, LONGEST_VALUE_IN_MESSAGE) + "…";
    }

    /** Deletes the staging folders of an interrupted run. */
    private void deleteLeftovers() throws IOException {
        for (Path left : folders(folder, STAGING)) {
            Trees.delete(left);
        }
    }

    private List<Path> newestFirst() throws IOException {
        List<Path> snapshots = new ArrayList<>();
        for (Path candidate : folders(folder, NAME)) {
            if (isOurs(candidate)) {
                snapshots.add(candidate);
            }
        }
        snapshots.sort(Comparator.comparingLong(Checkpoints::step).reversed());
        return snapshots;
    }

    /** Returns whether a folder holds the state of a training or, if that is damaged, the digest of a state. */
    private static boolean isOurs(Path snapshot) throws IOException {
        return state(snapshot).isPresent() || WholeFolder.lists(snapshot, STATE);
    }

    private static Optional<State> state(Path snapshot) throws IOException {
        Path file = snapshot.resolve(STATE);
        if (!Files.isRegularFile(file, LinkOption.NOFOLLOW_LINKS)) {
            return Optional.empty();
        }
        try {
            State state = JSON.readValue(Files.readAllBytes(file), State.class);
            return Optional.ofNullable(state).filter(read -> read.isOf(snapshot));
        } catch (JsonProcessingException | CharConversionException e) {
            return Optional.empty();
        }
    }

    /** Returns the folders whose names match a pattern; links to folders are left out. */
    private static List<Path> folders(Path folder, Pattern pattern) throws IOException {
        if (!Files.isDirectory(folder)) {
            return List.of();
        }
        try (Stream<Path> entries = Files.list(folder)) {
            return entries.filter(entry ->
                            pattern.matcher(entry.getFileName().toString()).matches())
                    .filter(entry -> Files.isDirectory(entry, LinkOption.NOFOLLOW_LINKS))
                    .toList();
        }
    }
}
