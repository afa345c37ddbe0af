package io.sparkqa.run;

import io.sparkqa.config.Reason;
import io.sparkqa.config.UserError;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
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
     * Requires that a path exists and, if it is that of a stage's output, that the stage has completed it.
     *
     * @throws UserError if not, with the path and the stage that makes it
     */
    void require(Path path) {
        if (folder.relative(path).flatMap(RunFolder::maker).isEmpty()) {
            if (!Files.exists(path)) {
                throw new UserError("%s: no such file or folder (working directory: %s)"
                        .formatted(path, Path.of("").toAbsolutePath()));
            }
        } else if (!contains(path)) {
            throw new UserError("%s: missing or not complete; run jobs/%s.sh with this configuration first"
                    .formatted(path, stage(path)));
        }
    }

    private void requireUnaltered(Path output) {
        Optional<Fingerprint> made = fingerprint(output);
        if (!digest(output, made).equals(made.map(Fingerprint::sha256).orElseThrow())) {
            throw new UserError(
                    "%s: files were changed, added or deleted since jobs/%2$s.sh wrote it; run jobs/%2$s.sh again"
                            .formatted(output, stage(output)));
        }
    }

    private static String digest(Path path, Optional<Fingerprint> known) {
        try {
            return Fingerprint.of(path, known).sha256();
        } catch (IOException e) {
            throw new UserError("%s: can't be read: %s".formatted(path, Reason.of(e)), e);
        }
    }

    private String stage(Path path) {
        return folder.relative(path).flatMap(RunFolder::maker).orElse("pipeline");
    }

    /** Returns whether a stage has completed {@code path} and it still exists. */
    public boolean contains(Path path) {
        return Files.exists(path) && fingerprint(path).isPresent();
    }

    /** Returns the fingerprint that {@code path} had when a step completed it; empty if no step did. */
    Optional<Fingerprint> fingerprint(Path path) {
        return maker(path).flatMap(made -> folder.relative(path).map(made.outputs()::get));
    }

    /** Returns the SHA-256 of each input of the step that has made {@code output}, by path; none if no step has. */
    Map<Path, String> inputs(Path output) {
        Map<Path, String> inputs = new TreeMap<>();
        maker(output).ifPresent(made -> made.inputs()
                .forEach((name, input) -> inputs.put(folder.input(name), input.sha256())));
        return inputs;
    }

    /**
     * Requires that the outputs among paths are as their stages wrote them and belong together: none was made from another
     * one as it was before.
     *
     * @throws UserError if not; for example, if there are answers to the questions of an earlier file
     */
    public void requireAgreement(List<Path> paths) {
        List<Path> made = paths.stream().filter(this::contains).toList();
        made.forEach(this::requireUnaltered);
        for (Path later : made) {
            for (Path earlier : made) {
                if (!later.equals(earlier) && !agrees(later, earlier)) {
                    throw new UserError(
                            "%s was made before the present %s; run jobs/pipeline.sh with this configuration first"
                                    .formatted(later, folder.relative(earlier).orElse(earlier.toString())));
                }
            }
        }
    }

    /** Returns whether an output was made from {@code input} as it is now, or without it. */
    boolean agrees(Path output, Path input) {
        Optional<Fingerprint> then = maker(output).map(made -> made.inputs().get(folder.inputName(input)));
        return then.isEmpty()
                || fingerprint(input)
                        .map(Fingerprint::sha256)
                        .orElseGet(() -> digest(input, then))
                        .equals(then.get().sha256());
    }

    private Optional<Manifest> maker(Path output) {
        return folder.relative(output).flatMap(relative -> manifests().stream()
                .filter(manifest -> manifest.outputs().containsKey(relative))
                .findFirst());
    }

    /** Returns the settings on which {@code path} depends, as it was made; none if no step has made it. */
    public Map<String, String> settings(Path path) {
        return maker(path).map(Manifest::settings).orElse(Map.of());
    }

    /** Returns the SHA-256 of every input and output in the manifests, by its path there. */
    public Map<String, String> digests() {
        Map<String, String> digests = new TreeMap<>();
        for (Manifest manifest : manifests()) {
            manifest.inputs()
                    .forEach((name, input) -> digests.put(folder.input(name).toString(), input.sha256()));
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
            throw new UserError("%s: can't be read: %s".formatted(folder.manifests(), Reason.of(e)), e);
        }
    }
}
