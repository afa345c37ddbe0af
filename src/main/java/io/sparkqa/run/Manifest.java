package io.sparkqa.run;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import io.sparkqa.config.Printable;
import io.sparkqa.config.UserError;
import io.sparkqa.files.Staging;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;

/**
 * A step's settings, inputs and outputs. It is written last, so a step with a manifest is complete.
 *
 * @param settings the settings that the step depends on, key to value
 * @param inputs the step's inputs, path to fingerprint
 * @param outputs the step's outputs, path relative to the run folder to fingerprint
 */
record Manifest(Map<String, String> settings, Map<String, Fingerprint> inputs, Map<String, Fingerprint> outputs) {
    Manifest {
        if (!isWhole(settings) || !isWhole(inputs) || !isWhole(outputs)) {
            throw new IllegalArgumentException("settings, inputs or outputs are missing");
        }
        if (!arePaths(inputs) || !arePaths(outputs)) {
            throw new IllegalArgumentException("a name of an input or output is no path");
        }
    }

    private static boolean arePaths(Map<String, Fingerprint> named) {
        return named.keySet().stream().noneMatch(name -> name.indexOf('\0') >= 0);
    }

    private static boolean isWhole(Map<String, ?> map) {
        return map != null && !map.containsValue(null);
    }

    private static final ObjectMapper JSON = new ObjectMapper().enable(SerializationFeature.INDENT_OUTPUT);

    /**
     * Returns the manifest in a file; empty if there is none, so that the step counts as not complete.
     *
     * @throws UserError if the file does not hold a manifest
     */
    static Optional<Manifest> read(Path file) {
        if (!Files.isRegularFile(file)) {
            return Optional.empty();
        }
        try {
            return Optional.of(Optional.ofNullable(JSON.readValue(file.toFile(), Manifest.class))
                    .orElseThrow(() -> new IOException("it holds null")));
        } catch (IOException e) {
            throw new UserError(
                    "%s: not a manifest: %s; delete it so that its step is done again"
                            .formatted(file, Printable.of(String.valueOf(e.getMessage()))),
                    e);
        }
    }

    void write(Path file) throws IOException {
        Staging.write(file, JSON.writeValueAsBytes(this));
    }
}
