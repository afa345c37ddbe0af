package io.sparkqa.window;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** A byte-level tokenizer of 256 bytes and a few merges, for tests: {@code vocab.json} and {@code merges.txt}. */
public final class TinyTokenizer {
    /** Ġ stands for a space. The last merge joins a space and the first of an emoji's four bytes. */
    private static final List<String> MERGES = List.of("t h", "th e", "Ġ the", "a n", "Ġ a", "Ġa n", "Ġ Ġ", "Ġ ð");

    /** The number of tokens: four special tokens, the bytes, the merges, and one more special token. */
    public static final int VOCABULARY = 4 + 256 + MERGES.size() + 1;

    private TinyTokenizer() {}

    /** Writes the tokenizer's two files into a folder, and returns the folder. */
    public static Path write(Path folder) {
        Map<String, Integer> vocabulary = new LinkedHashMap<>();
        for (String token : List.of("<s>", "<pad>", "</s>", "<unk>")) {
            vocabulary.put(token, vocabulary.size());
        }
        for (int b = 0, beyond = 256; b < 256; b++) {
            boolean printable = (b > ' ' && b < 0x7f) || (b > 0xa0 && b != 0xad);
            vocabulary.put(Character.toString(printable ? b : beyond++), vocabulary.size());
        }
        for (String merge : MERGES) {
            vocabulary.put(merge.replace(" ", ""), vocabulary.size());
        }
        vocabulary.put("<mask>", vocabulary.size());
        try {
            Files.createDirectories(folder);
            new ObjectMapper().writeValue(folder.resolve("vocab.json").toFile(), vocabulary);
            Files.writeString(folder.resolve("merges.txt"), "#version: 0.2\n" + String.join("\n", MERGES) + "\n");
            return folder;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
