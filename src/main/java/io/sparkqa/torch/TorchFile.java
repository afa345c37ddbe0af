package io.sparkqa.torch;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Map;

/**
 * A Python file that defines a TorchScript module.
 *
 * @param className the module's class, as in {@code class Roberta(Module)}
 * @param python the file's text
 * @param constants values that replace those of the constants at the top of the file
 */
public record TorchFile(String className, String python, Map<String, ?> constants) {
    /**
     * Reads a file among the resources.
     *
     * @param neighbour a class whose package contains the file
     */
    public static TorchFile resource(Class<?> neighbour, String file, String className, Map<String, ?> constants) {
        try (InputStream in = neighbour.getResourceAsStream(file)) {
            return new TorchFile(className, new String(in.readAllBytes(), StandardCharsets.UTF_8), constants);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
