package io.sparkqa.run;

import io.sparkqa.config.UserError;
import io.sparkqa.files.Staging;
import io.sparkqa.files.Trees;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.UnaryOperator;
import java.util.stream.Collectors;

/**
 * Makes outputs from inputs and settings once: while neither changes, they are not made again.
 *
 * <p>It is written at its {@link Staging} path and renamed when all is written; the
 * {@link Manifest} follows last. So a step is complete or not there at all, whatever happens in between.
 */
public final class CachedStep {
    /** Writes each output at the path that {@code staging} gives for it; returns what was done, for the closing line. */
    @FunctionalInterface
    public interface Work {
        String make(UnaryOperator<Path> staging) throws Exception;
    }

    private final StageRun run;
    private final String name;
    private final List<Path> inputs = new ArrayList<>();
    private final Map<String, String> settings = new TreeMap<>();
    private final List<Path> outputs = new ArrayList<>();

    CachedStep(StageRun run, String name) {
        this.run = run;
        this.name = name;
    }

    /**
     * Adds files or folders that the step reads. Their contents count, not their names. Outputs of another stage must be
     * complete.
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

    /** Adds something else that the result depends on. */
    public CachedStep dependsOn(String what, String value) {
        settings.put(what, value);
        return this;
    }

    /** Returns what {@link #dependsOn} was given when the outputs were made; empty if they are not complete. */
    public Optional<String> earlier(String what) {
        return manifest().map(manifest -> manifest.settings().get(what));
    }

    /** Adds the files or folders that the step makes, all in the run folder. */
    public CachedStep makes(Path... paths) {
        outputs.addAll(Arrays.asList(paths));
        return this;
    }

    /**
     * Returns the digest of each input's contents, by its path. Intermediate state (checkpoints) that is marked with these
     * digests can later be recognised as belonging to the same inputs.
     */
    public Map<String, String> contents() {
        Map<String, String> contents = new LinkedHashMap<>();
        fingerprints(manifest()).forEach((path, input) -> contents.put(path, input.sha256()));
        return contents;
    }

    /** Makes the outputs unless they are up to date; returns whether they were made now. */
    public boolean by(Work work) throws Exception {
        Files.createDirectories(run.folder().manifests());
        try (FileChannel channel = FileChannel.open(
                        run.folder().manifests().resolve(name + ".lock"),
                        StandardOpenOption.CREATE,
                        StandardOpenOption.WRITE);
                FileLock lock = lock(channel)) {
            Objects.requireNonNull(lock);
            Optional<Manifest> earlier = manifest();
            Map<String, Fingerprint> read = fingerprints(earlier);
            if (earlier.isPresent() && !run.forced() && isUpToDate(earlier.get(), read)) {
                run.closing().upToDate(outputs);
                return false;
            }
            earlier.ifPresent(
                    manifest -> run.log().info("{}: made again; settings were {}", name, manifest.settings()));
            make(work, read);
            return true;
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
            new Manifest(settings, read, made).write(manifestFile());
            run.closing().made(summary, outputs, (System.nanoTime() - start) / 1e9);
        } finally {
            for (Path output : outputs) {
                Trees.delete(Staging.of(output));
            }
        }
    }

    private boolean isUpToDate(Manifest earlier, Map<String, Fingerprint> read) throws IOException {
        if (!earlier.settings().equals(settings)
                || !digests(earlier.inputs()).equals(digests(read))
                || earlier.outputs().size() != outputs.size()) {
            return false;
        }
        for (Path output : outputs) {
            Fingerprint made = earlier.outputs().get(relative(output));
            if (made == null
                    || !Files.exists(output)
                    || !Fingerprint.of(output, Optional.of(made)).sha256().equals(made.sha256())) {
                return false;
            }
        }
        return true;
    }

    private static List<String> digests(Map<String, Fingerprint> fingerprints) {
        return fingerprints.values().stream().map(Fingerprint::sha256).collect(Collectors.toList());
    }

    private Map<String, Fingerprint> fingerprints(Optional<Manifest> earlier) {
        Map<String, Fingerprint> fingerprints = new LinkedHashMap<>();
        for (Path input : inputs) {
            run.completed().require(input);
            Optional<Fingerprint> known = run.completed()
                    .fingerprint(input)
                    .or(() -> earlier.map(manifest -> manifest.inputs().get(input.toString())));
            try {
                fingerprints.put(input.toString(), Fingerprint.of(input, known));
            } catch (IOException e) {
                throw new UserError("%s: can't be read: %s".formatted(input, e.getMessage()), e);
            }
        }
        return fingerprints;
    }

    private Optional<Manifest> manifest() {
        return Manifest.read(manifestFile());
    }

    private Path manifestFile() {
        return run.folder().manifests().resolve(name + ".json");
    }

    private String relative(Path output) {
        return run.folder().relative(output).orElseThrow();
    }
}
