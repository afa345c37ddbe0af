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
 * What a step was made from and what it made; written last, so that its presence says the step is complete.
 *
 * @param settings the settings that mattered, key to value
 * @param inputs what was read: path to fingerprint
 * @param outputs what was made: path relative to the run folder, to fingerprint
 */
record Manifest(Map<String, String> settings, Map<String, Fingerprint> inputs, Map<String, Fingerprint> outputs) {
    private static final ObjectMapper JSON = new ObjectMapper().enable(SerializationFeature.INDENT_OUTPUT);

    /** The manifest in a file; empty if there is none, or none that can be read, which means: not complete. */
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
