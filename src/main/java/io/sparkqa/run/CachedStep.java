package io.sparkqa.run;

import io.sparkqa.config.Printable;
import io.sparkqa.config.Reason;
import io.sparkqa.config.UserError;
import io.sparkqa.config.WrongUse;
import io.sparkqa.files.Staging;
import io.sparkqa.files.Trees;
import io.sparkqa.spark.ParquetTable;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Predicate;
import java.util.function.UnaryOperator;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.StructType;

/**
 * Makes outputs from inputs and settings once, and again only if these change.
 *
 * <p>Each output is written at its {@link Staging} path and renamed when all outputs are written. The {@link Manifest} is
 * written last. So after an interruption a step is either complete or counts as not done.
 */
public final class CachedStep {
    /** Values that tell a reader nothing. */
    private static final Predicate<String> DIGEST =
            Pattern.compile("[0-9a-f]{64}").asMatchPredicate();

    /** Writes each output at the path that {@code staging} returns for it, and returns a summary for the closing line. */
    @FunctionalInterface
    public interface Work {
        String make(UnaryOperator<Path> staging) throws Exception;
    }

    /** Most changes that a message lists. */
    private static final int MOST_CHANGES = 4;

    private final StageRun run;
    private final String name;
    private final List<Path> inputs = new ArrayList<>();
    private final Map<String, String> settings = new TreeMap<>();
    private final List<Path> outputs = new ArrayList<>();
    private final Map<Path, StructType> tables = new LinkedHashMap<>();
    private boolean costly;

    CachedStep(StageRun run, String name) {
        this.run = run;
        this.name = name;
    }

    /**
     * Adds files or folders that the step reads. Changed contents count as a change, changed names don't. Outputs of another
     * stage must be complete.
     */
    public CachedStep reads(Path... paths) {
        inputs.addAll(Arrays.asList(paths));
        return this;
    }

    /** Adds settings that the result depends on, by key ({@code model.tokenizer}) or section ({@code features}). */
    public CachedStep settings(String... keysOrSections) {
        run.settings().forEach((key, value) -> {
            if (Arrays.stream(keysOrSections).anyMatch(s -> key.equals(s) || key.startsWith(s + "."))) {
                settings.put(key, value);
            }
        });
        return this;
    }

    /** Adds a value other than inputs and settings that the result depends on. */
    public CachedStep dependsOn(String what, String value) {
        settings.put(what, value);
        return this;
    }

    /**
     * Adds a setting whose value {@code auto} leaves it to the device. Then outputs that were made with any value are up to
     * date.
     */
    public CachedStep settingOrAuto(String key) {
        String now = run.settings().get(key);
        return dependsOn(key, now.equals("auto") ? earlier(key).orElse(now) : now);
    }

    /** Returns the value of {@link #dependsOn} with which the outputs were made; empty if they are not complete. */
    public Optional<String> earlier(String what) {
        return manifest().map(manifest -> manifest.settings().get(what));
    }

    /** Adds the files or folders that the step makes, all in the run folder. */
    public CachedStep makes(Path... paths) {
        outputs.addAll(Arrays.asList(paths));
        return this;
    }

    /** Adds the columns of a table among the outputs; one that an earlier version has made with others is made again. */
    public CachedStep hasColumns(Path table, StructType columns) {
        tables.put(table, columns);
        return this;
    }

    /**
     * Protects outputs that took long to make. If settings or inputs change after they are complete, {@link #by} refuses to
     * replace them unless {@code --force} is given.
     */
    public CachedStep isReplacedOnlyByForce() {
        costly = true;
        return this;
    }

    /**
     * Returns the digest of each input's contents, by its path. Checkpoints are marked with these digests to recognise later
     * whether they belong to the same inputs.
     */
    public Map<String, String> contents() {
        Map<String, String> contents = new LinkedHashMap<>();
        fingerprints(manifest()).forEach((path, input) -> contents.put(path, input.sha256()));
        return contents;
    }

    /** Makes the outputs unless they are up to date, and returns whether it made them. */
    public boolean by(Work work) throws Exception {
        requireOwnOutputs();
        Files.createDirectories(run.folder().manifests());
        try (FileChannel channel = FileChannel.open(lockFile(), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
                FileLock lock = lock(channel)) {
            Objects.requireNonNull(lock);
            Optional<Manifest> earlier = manifest();
            Map<String, Fingerprint> read = fingerprints(earlier);
            if (earlier.isPresent() && !run.forced()) {
                List<String> changes = changes(earlier.get(), read);
                if (changes.isEmpty()) {
                    run.closing().upToDate(outputs);
                    return false;
                }
                if (costly && Files.exists(outputs.get(0))) {
                    throw new WrongUse(
                            "%s is complete, but its settings or inputs have changed: %s. Set another run.dir=… to keep it, or give --force to replace it"
                                    .formatted(outputs.get(0), String.join("; ", changes)));
                }
                run.note("%s is made again: %s".formatted(relative(outputs.get(0)), shortened(changes)));
            }
            make(work, read);
            return true;
        }
    }

    /** Refuses to replace what is not this step's. A step that has ever begun in this run folder has left its lock file. */
    private void requireOwnOutputs() {
        for (Path output : outputs) {
            if (Files.exists(output, LinkOption.NOFOLLOW_LINKS)
                    && !Files.exists(lockFile())
                    && !Files.exists(manifestFile())) {
                throw new UserError(
                        "%s exists, but no stage has made it in this run folder; move it elsewhere, or set another run.dir"
                                .formatted(output));
            }
        }
    }

    private FileLock lock(FileChannel channel) throws IOException {
        try {
            FileLock lock = channel.tryLock();
            if (lock != null) {
                return lock;
            }
        } catch (OverlappingFileLockException e) {
            run.log().debug("The lock is held by this very process", e);
        }
        throw new UserError(
                "%s: another process is making %s right now; wait for it, or set another run.dir for this run"
                        .formatted(run.folder().root(), name));
    }

    private void make(Work work, Map<String, Fingerprint> read) throws Exception {
        long start = System.nanoTime();
        Files.deleteIfExists(manifestFile());
        try {
            for (Path output : outputs) {
                Trees.delete(Staging.of(output));
                Files.createDirectories(Staging.of(output).toAbsolutePath().getParent());
            }
            String summary = work.make(Staging::of);
            Map<String, Fingerprint> made = new LinkedHashMap<>();
            for (Path output : outputs) {
                if (!Files.exists(Staging.of(output))) {
                    throw new IllegalStateException("CachedStep " + name + " made no " + output);
                }
                Staging.publish(Staging.of(output), output);
                made.put(relative(output), Fingerprint.of(output, Optional.empty()));
            }
            Map<String, Fingerprint> named = new LinkedHashMap<>();
            read.forEach((path, input) -> named.put(run.folder().inputName(Path.of(path)), input));
            new Manifest(settings, named, made).write(manifestFile());
            run.closing().made(summary, outputs, (System.nanoTime() - start) / 1e9);
        } finally {
            for (Path output : outputs) {
                Trees.delete(Staging.of(output));
            }
        }
    }

    /** Returns in words which settings, inputs and outputs have changed since the outputs were made. */
    private List<String> changes(Manifest earlier, Map<String, Fingerprint> read) throws IOException {
        List<String> changes = new ArrayList<>();
        Set<String> keys = new TreeSet<>(earlier.settings().keySet());
        keys.addAll(settings.keySet());
        for (String key : keys) {
            String before = earlier.settings().getOrDefault(key, "unset");
            String now = settings.getOrDefault(key, "unset");
            if (!now.equals(before)) {
                String values =
                        DIGEST.test(now) ? "" : ": %s, was %s".formatted(Printable.of(now), Printable.of(before));
                changes.add("%s changed%s".formatted(Printable.of(key), values));
            }
        }
        Iterator<Fingerprint> readBefore = earlier.inputs().values().iterator();
        read.forEach((path, input) -> {
            if (!readBefore.hasNext() || !readBefore.next().sha256().equals(input.sha256())) {
                changes.add(label(path) + ": contents changed");
            }
        });
        readBefore.forEachRemaining(input -> changes.add("fewer inputs"));
        for (Path output : outputs) {
            Fingerprint made = earlier.outputs().get(relative(output));
            if (made == null || !Files.exists(output)) {
                changes.add(output + ": missing");
            } else if (!Fingerprint.of(output, Optional.of(made)).sha256().equals(made.sha256())) {
                changes.add(output + ": changed since it was made");
            } else if (tables.containsKey(output)
                    && !DataType.equalsIgnoreNullability(ParquetTable.schema(output), tables.get(output))) {
                changes.add("an earlier version made it with other columns");
            }
        }
        return changes;
    }

    /** Returns the setting that names an input, if there is one, else its path. */
    private String label(String path) {
        Optional<String> inFolder = run.folder().relative(Path.of(path));
        return inFolder.orElseGet(() -> run.settings().entrySet().stream()
                .filter(setting -> setting.getValue().equals(path))
                .map(Map.Entry::getKey)
                .findFirst()
                .orElse(path));
    }

    private static String shortened(List<String> changes) {
        String first = changes.stream().limit(MOST_CHANGES).collect(Collectors.joining("; "));
        int more = changes.size() - MOST_CHANGES;
        return more > 0 ? "%s; and %s more".formatted(first, more) : first;
    }

    private Map<String, Fingerprint> fingerprints(Optional<Manifest> earlier) {
        inputs.forEach(run.completed()::require);
        run.completed().requireAgreement(inputs);
        Map<String, Fingerprint> fingerprints = new LinkedHashMap<>();
        for (Path input : inputs) {
            fingerprints.put(
                    input.toString(), run.completed().fingerprint(input).orElseGet(() -> fingerprint(input, earlier)));
        }
        return fingerprints;
    }

    private Fingerprint fingerprint(Path input, Optional<Manifest> earlier) {
        String name = run.folder().inputName(input);
        try {
            return Fingerprint.of(
                    input, earlier.map(manifest -> manifest.inputs().get(name)));
        } catch (IOException e) {
            throw new UserError("%s: can't be read: %s".formatted(input, Reason.of(e)), e);
        }
    }

    private Optional<Manifest> manifest() {
        return Manifest.read(manifestFile());
    }

    private Path manifestFile() {
        return run.folder().manifests().resolve(name + ".json");
    }

    private Path lockFile() {
        return run.folder().manifests().resolve(name + ".lock");
    }

    private String relative(Path output) {
        return run.folder().relative(output).orElseThrow();
    }
}
