package io.sparkqa.run;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
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
 * @param inputs what the step read: path to fingerprint
 * @param outputs what the step made: path relative to the run folder, to fingerprint
 */
record Manifest(Map<String, String> settings, Map<String, Fingerprint> inputs, Map<String, Fingerprint> outputs) {
    private static final ObjectMapper JSON = new ObjectMapper().enable(SerializationFeature.INDENT_OUTPUT);

    /** Returns the manifest in a file; empty if the file is missing or unreadable, so that the step counts as not complete. */
    static Optional<Manifest> read(Path file) {
        if (!Files.isRegularFile(file)) {
            return Optional.empty();
        }
        try {
            return Optional.of(JSON.readValue(file.toFile(), Manifest.class));
        } catch (IOException e) {
            return Optional.empty();
        }
    }

    void write(Path file) throws IOException {
        Staging.write(file, JSON.writeValueAsBytes(this));
    }
}
