package io.sparkqa.run;

import io.sparkqa.config.UserError;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** The complete outputs in a run folder according to its manifests. */
public final class CompletedOutputs {
    private final RunFolder folder;

    public CompletedOutputs(RunFolder folder) {
        this.folder = folder;
    }

    /**
     * Requires that a path exists and, if it is in the run folder, that a stage has completed it.
     *
     * @throws UserError if not, with the path and the stage that makes it
     */
    void require(Path path) {
        if (folder.relative(path).isEmpty()) {
            if (!Files.exists(path)) {
                throw new UserError("%s: no such file or folder (working directory: %s)"
                        .formatted(path, Path.of("").toAbsolutePath()));
            }
        } else if (!contains(path)) {
            throw new UserError("%s: missing or not complete; run jobs/%s.sh with this configuration first"
                    .formatted(path, maker(path)));
        }
    }

    /** Returns the error for an output that was changed after its stage wrote it. */
    UserError altered(Path path) {
        return new UserError(
                "%s: files were changed, added or deleted since jobs/%2$s.sh wrote it; run jobs/%2$s.sh again"
                        .formatted(path, maker(path)));
    }

    private String maker(Path path) {
        return folder.relative(path).flatMap(RunFolder::maker).orElse("pipeline");
    }

    /** Returns whether a stage has completed {@code path} and it still exists. */
    public boolean contains(Path path) {
        return Files.exists(path) && fingerprint(path).isPresent();
    }

    /** Returns the fingerprint that {@code path} had when a step completed it; empty if no step did. */
    Optional<Fingerprint> fingerprint(Path path) {
        return folder.relative(path).flatMap(relative -> manifests().stream()
                .map(manifest -> manifest.outputs().get(relative))
                .filter(Objects::nonNull)
                .findFirst());
    }

    /** Returns the SHA-256 of each input of the step that has made {@code output}, by path; none if no step has. */
    Map<String, String> inputs(Path output) {
        Map<String, String> inputs = new TreeMap<>();
        manifests().stream()
                .filter(manifest ->
                        manifest.outputs().containsKey(folder.relative(output).orElseThrow()))
                .forEach(manifest -> manifest.inputs().forEach((path, input) -> inputs.put(path, input.sha256())));
        return inputs;
    }

    /** Returns the settings on which {@code path} depends, as it was made; none if no step has made it. */
    public Map<String, String> settings(Path path) {
        return folder.relative(path)
                .flatMap(relative -> manifests().stream()
                        .filter(manifest -> manifest.outputs().containsKey(relative))
                        .findFirst())
                .map(Manifest::settings)
                .orElse(Map.of());
    }

    /** Returns the SHA-256 of every input and output in the manifests, by its path there. */
    public Map<String, String> digests() {
        Map<String, String> digests = new TreeMap<>();
        for (Manifest manifest : manifests()) {
            manifest.inputs().forEach((path, input) -> digests.put(path, input.sha256()));
            manifest.outputs()
                    .forEach((path, output) ->
                            digests.put(folder.root().resolve(path).toString(), output.sha256()));
        }
        return digests;
    }

    List<Manifest> manifests() {
        if (!Files.isDirectory(folder.manifests())) {
            return List.of();
        }
        try (Stream<Path> files = Files.list(folder.manifests())) {
            return files.filter(file -> file.toString().endsWith(".json"))
                    .sorted()
                    .map(Manifest::read)
                    .flatMap(Optional::stream)
                    .collect(Collectors.toList());
        } catch (IOException e) {
            throw new UserError("%s: can't be read: %s".formatted(folder.manifests(), e.getMessage()), e);
        }
    }
}
