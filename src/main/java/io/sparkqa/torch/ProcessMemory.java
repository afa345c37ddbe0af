package io.sparkqa.torch;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.OptionalDouble;
import java.util.OptionalLong;
import java.util.stream.Stream;

/** The memory that this process holds, including native memory; known only on Linux. */
public final class ProcessMemory {
    private static final Path STATUS = Path.of("/proc/self/status");

    private ProcessMemory() {}

    /** Returns the highest value so far in words, such as {@code 1.2 GB}. */
    public static String peakInWords() {
        OptionalLong kilobytes = kilobytes("VmHWM:");
        return kilobytes.isPresent()
                ? String.format(Locale.ROOT, "%.1f GB", 1024e-9 * kilobytes.getAsLong())
                : "unknown";
    }

    /** Returns the highest value so far, in megabytes. */
    public static OptionalDouble peak() {
        return megabytes("VmHWM:");
    }

    /** Returns the current value, in megabytes. */
    public static OptionalDouble resident() {
        return megabytes("VmRSS:");
    }

    private static OptionalDouble megabytes(String entry) {
        OptionalLong kilobytes = kilobytes(entry);
        return kilobytes.isPresent() ? OptionalDouble.of(1024e-6 * kilobytes.getAsLong()) : OptionalDouble.empty();
    }

    private static OptionalLong kilobytes(String entry) {
        try (Stream<String> lines = Files.lines(STATUS)) {
            return lines.filter(line -> line.startsWith(entry))
                    .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")))
                    .findFirst();
        } catch (IOException e) {
            return OptionalLong.empty();
        }
    }
}
