package io.sparkqa.job;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.OptionalLong;
import java.util.stream.Stream;

/** The most memory that this process has held so far, native memory included. */
final class PeakMemory {
    private static final Path STATUS = Path.of("/proc/self/status");

    private PeakMemory() {}

    /** Gigabytes, as {@code 1.2 GB}; unknown where the system is not Linux. */
    static String inWords() {
        OptionalLong kilobytes = kilobytes();
        return kilobytes.isPresent() ? String.format(Locale.ROOT, "%.1f GB", kilobytes.getAsLong() / 1e6) : "unknown";
    }

    private static OptionalLong kilobytes() {
        try (Stream<String> lines = Files.lines(STATUS)) {
            return lines.filter(line -> line.startsWith("VmHWM:"))
                    .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")))
                    .findFirst();
        } catch (IOException e) {
            return OptionalLong.empty();
        }
    }
}
