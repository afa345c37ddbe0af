package io.sparkqa.run;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * The complete outputs in a run folder whose inputs have changed since they were made: answers of an earlier model, metrics
 * of earlier answers, a model of earlier windows.
 */
public final class StaleOutputs {
    private final RunFolder folder;
    private final Map<String, Manifest> makers = new LinkedHashMap<>();
    private final Map<String, Optional<String>> reasons = new LinkedHashMap<>();

    /** Reads the current state of the folder. */
    public StaleOutputs(RunFolder folder) {
        this.folder = folder;
        for (Manifest manifest : new CompletedOutputs(folder).manifests()) {
            manifest.outputs().keySet().forEach(output -> makers.put(output, manifest));
        }
    }

    /** Returns in words why an output in the run folder is stale; empty if it is not stale or not complete. */
    public Optional<String> why(Path output) {
        return folder.relative(output).flatMap(relative -> why(relative, new LinkedHashSet<>()));
    }

    /** Returns the stale outputs, as paths relative to the run folder, and the reason behind those that share it. */
    List<String> inWords() {
        return inWords(makers.keySet().stream().map(folder.root()::resolve).toList());
    }

    /** Returns those of these outputs that are stale, as {@code answers/dev, scores/dev (model was made again)}. */
    public List<String> inWords(List<Path> outputs) {
        Map<String, List<String>> stale = new LinkedHashMap<>();
        for (Path output : outputs) {
            if (Files.exists(output)) {
                why(output).ifPresent(reason -> stale.computeIfAbsent(reason, key -> new ArrayList<>())
                        .add(folder.relative(output).orElseThrow()));
            }
        }
        return stale.entrySet().stream()
                .map(each -> "%s (%s)".formatted(String.join(", ", each.getValue()), each.getKey()))
                .toList();
    }

    private Optional<String> why(String output, Set<String> above) {
        Manifest maker = makers.get(output);
        if (maker == null || !above.add(output)) {
            return Optional.empty();
        }
        Optional<String> known = reasons.get(output);
        if (known == null) {
            known = maker.inputs().entrySet().stream()
                    .flatMap(input -> change(folder.input(input.getKey()), input.getValue(), above).stream())
                    .findFirst();
            reasons.put(output, known);
        }
        return known;
    }

    private Optional<String> change(Path input, Fingerprint read, Set<String> above) {
        Optional<String> relative =
                folder.relative(input).filter(path -> RunFolder.maker(path).isPresent());
        if (relative.isEmpty()) {
            return hasChanged(input, read) ? Optional.of(input + " has changed") : Optional.empty();
        }
        Manifest maker = makers.get(relative.get());
        if (maker == null) {
            return Optional.of(relative.get() + " is not complete");
        }
        if (!maker.outputs().get(relative.get()).sha256().equals(read.sha256())) {
            return Optional.of(relative.get() + " was made again");
        }
        return why(relative.get(), above);
    }

    /** Returns whether an input that no stage makes has changed; a deleted one has not. */
    private static boolean hasChanged(Path input, Fingerprint read) {
        try {
            return Files.exists(input)
                    && !Fingerprint.of(input, Optional.of(read)).sha256().equals(read.sha256());
        } catch (IOException e) {
            return false;
        }
    }
}
