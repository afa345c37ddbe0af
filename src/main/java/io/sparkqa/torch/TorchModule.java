package io.sparkqa.torch;

import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.FloatBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/**
 * An object of a TorchScript module's class, to be written to a file.
 *
 * @param className the class, which the program declares
 * @param parameters by name
 * @param modules the modules inside, by name
 */
public record TorchModule(String className, Map<String, Values> parameters, Map<String, TorchModule> modules) {
    /** A float32 tensor, row-major. */
    @SuppressWarnings("ArrayRecordComponent") // never compared
    public record Values(long[] shape, FloatBuffer values) {}

    /** Returns a module without parameters and modules. */
    public static TorchModule of(String className) {
        return new TorchModule(className, Map.of(), Map.of());
    }

    /**
     * Writes a file that libtorch loads on any device. Not atomic: write to a staging path and rename it.
     *
     * @param program declares this module's class and those of the modules inside
     */
    public void write(Path file, TorchFile program) throws IOException {
        try (OutputStream out = new BufferedOutputStream(Files.newOutputStream(file))) {
            TorchScriptArchive.write(out, this, TorchSource.of(program, List.of()));
        }
    }
}
