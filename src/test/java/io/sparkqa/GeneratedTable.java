package io.sparkqa;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * The part of a page between {@code <!-- NAME: begin -->} and {@code <!-- NAME: end -->}, which a test writes with {@code
 * -Dsparkqa.docs=write} and otherwise compares.
 */
public final class GeneratedTable {
    private final Path page;
    private final String begin;
    private final String end;

    public GeneratedTable(String page, String name) {
        this.page = Path.of(page);
        begin = "<!-- " + name + ": begin -->\n";
        end = "<!-- " + name + ": end -->\n";
    }

    static boolean isToBeWritten() {
        return "write".equals(System.getProperty("sparkqa.docs"));
    }

    String text() {
        String all = Pages.read(page);
        return all.substring(all.indexOf(begin) + begin.length(), all.indexOf(end));
    }

    void write(String text) {
        String all = Pages.read(page);
        try {
            Files.writeString(
                    page,
                    all.substring(0, all.indexOf(begin) + begin.length()) + text + all.substring(all.indexOf(end)));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Writes the text into the page, or asserts that the page holds it. */
    public void holds(String text) {
        if (isToBeWritten()) {
            write(text);
        } else {
            assertThat(text())
                    .as(page + " is out of date; -Dsparkqa.docs=write writes it")
                    .isEqualTo(text);
        }
    }
}
