package io.sparkqa.job;

import java.io.ByteArrayInputStream;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.function.Supplier;

/** Standard input that holds a text, as if it came through a pipe. */
final class StandardInput {
    private StandardInput() {}

    /** Runs a command whose standard input is a text. */
    static StageOutput of(String text, Supplier<StageOutput> command) {
        InputStream before = System.in;
        System.setIn(new ByteArrayInputStream(text.getBytes(StandardCharsets.UTF_8)));
        try {
            return command.get();
        } finally {
            System.setIn(before);
        }
    }
}
