package io.sparkqa;

import static org.assertj.core.api.Assumptions.assumeThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/** Finds the reference values and the real data. A test that lacks them is skipped; it does not pass. */
public final class References {
    private static final Path SHARED = Path.of(System.getProperty("sparkqa.shared", "../shared"));

    private References() {}

    /** Returns the folder of the reference values, which may be missing. */
    public static Path folder() {
        return SHARED.resolve("reference");
    }

    /** Returns the folder of the real data, which may be missing. */
    public static Path squad2() {
        return SHARED.resolve("squad2");
    }

    /** Returns all-MiniLM-L6-v2 as a RoBERTa in float16, converted by other means than the demo's start model. */
    public static Path miniLm() {
        return present(SHARED.resolve("minilm-roberta"));
    }

    /** Returns a folder or file of the reference values. */
    public static Path reference(String name) {
        return present(folder().resolve(name));
    }

    /** Returns a data set by the name that the reference values give it: {@code dev}, {@code train} or {@code adversarial}. */
    public static Path dataSet(String name) {
        return name.equals("adversarial")
                ? reference("adversarial/adversarial.json")
                : present(squad2().resolve(name + "-subset-v2.0.json"));
    }

    /**
     * Returns the broken inputs that earlier mutations found.
     *
     * @param prefix the beginning of their folders' names, which is the reader's name
     */
    public static List<byte[]> brokenInputs(String prefix) throws IOException {
        List<byte[]> inputs = new ArrayList<>();
        for (Path folder : list(present(SHARED.resolve("cases/fuzz")), prefix)) {
            inputs.add(Files.readAllBytes(folder.resolve("input")));
        }
        return inputs;
    }

    /** Returns the folder's entries whose names begin with the prefix, in the order of their names. */
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
