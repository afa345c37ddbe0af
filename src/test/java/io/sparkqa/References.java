package io.sparkqa;

import static org.assertj.core.api.Assumptions.assumeThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/** Where the reference values and the real data lie; a test that misses them is skipped, never passed. */
public final class References {
    private static final Path SHARED = Path.of(System.getProperty("sparkqa.shared", "../shared"));

    private References() {}

    /** The folder of the reference values, which may not be there. */
    public static Path folder() {
        return SHARED.resolve("reference");
    }

    /** The folder of the real data, which may not be there. */
    public static Path squad2() {
        return SHARED.resolve("squad2");
    }

    /** all-MiniLM-L6-v2 as a RoBERTa in float16, converted by other means than the demo's start model. */
    public static Path miniLm() {
        return present(SHARED.resolve("minilm-roberta"));
    }

    /** A folder or file of the reference values. */
    public static Path reference(String name) {
        return present(folder().resolve(name));
    }

    /** A data set by the name that the reference values give it: {@code dev}, {@code train} or {@code adversarial}. */
    public static Path dataSet(String name) {
        return name.equals("adversarial")
                ? reference("adversarial/adversarial.json")
                : present(squad2().resolve(name + "-subset-v2.0.json"));
    }

    /**
     * Broken inputs that earlier mutations found.
     *
     * @param prefix of their folders' names, which is the reader's name
     */
    public static List<byte[]> brokenInputs(String prefix) throws IOException {
        List<byte[]> inputs = new ArrayList<>();
        for (Path folder : list(present(SHARED.resolve("cases/fuzz")), prefix)) {
            inputs.add(Files.readAllBytes(folder.resolve("input")));
        }
        return inputs;
    }

    /** The folder's entries whose names begin so, in order of their names. */
    public static List<Path> list(Path folder, String prefix) {
        try (Stream<Path> entries = Files.list(folder)) {
            return entries.filter(entry -> entry.getFileName().toString().startsWith(prefix))
                    .sorted()
                    .toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static Path present(Path path) {
        assumeThat(path).as("reference values").exists();
        return path;
    }
}
