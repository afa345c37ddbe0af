package io.sparkqa.files;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * A folder that exists as a whole or not at all: it is written at its {@link Staging} path, forced to the disk, then
 * renamed. Its file {@code SHA256SUMS} holds the digest of every other file, in the format of {@code sha256sum -c}. A folder
 * within it is such a folder itself, for which {@code SHA256SUMS} holds only the digest of its {@code SHA256SUMS}.
 */
public final class WholeFolder {
    private static final String DIGESTS = "SHA256SUMS";
    private static final String SEPARATOR = "  ";

    private WholeFolder() {}

    /** Writes the files of a folder. */
    @FunctionalInterface
    public interface Content {
        void write(Path folder) throws IOException;
    }

    /** Writes a folder and replaces an existing one. If that fails, the existing folder stays, and nothing of the new one. */
    public static void write(Path folder, Content content) throws IOException {
        Path staging = Staging.of(folder);
        try {
            Trees.delete(staging);
            Files.createDirectories(staging);
            content.write(staging);
            Files.writeString(staging.resolve(DIGESTS), text(digests(staging)));
            for (Path file : files(staging)) {
                force(file);
            }
            force(staging);
            Staging.publish(staging, folder);
        } catch (IOException | RuntimeException e) {
            Trees.delete(staging);
            throw e;
        }
        force(folder.toAbsolutePath().getParent());
    }

    /** Returns in words what is wrong with a folder; empty if every file is unchanged. */
    public static Optional<String> damage(Path folder) {
        try {
            for (Path inner : folders(folder)) {
                Optional<String> damage = damage(inner);
                if (damage.isPresent()) {
                    return damage.map(words -> inner.getFileName() + "/" + words);
                }
            }
            List<String> found = digests(folder);
            String written = written(folder);
            if (written.equals(text(found))) {
                return Optional.empty();
            }
            Set<String> lines = written.lines().collect(Collectors.toSet());
            return Optional.of(found.stream()
                    .filter(line -> !lines.contains(line))
                    .findFirst()
                    .map(line -> line.substring(line.indexOf(SEPARATOR) + SEPARATOR.length()) + " is not as " + DIGESTS
                            + " has it")
                    .orElse(DIGESTS + " does not fit the files"));
        } catch (IOException e) {
            return Optional.of("it can't be read: " + e);
        }
    }

    /** Returns whether the digests of a folder contain one for a file with this name, right or wrong. */
    public static boolean lists(Path folder, String file) throws IOException {
        return Files.isRegularFile(folder.resolve(DIGESTS))
                && written(folder).lines().anyMatch(line -> line.endsWith(SEPARATOR + file));
    }

    private static String written(Path folder) throws IOException {
        return new String(Files.readAllBytes(folder.resolve(DIGESTS)), StandardCharsets.UTF_8);
    }

    private static String text(List<String> digests) {
        return digests.stream().map(line -> line + "\n").collect(Collectors.joining());
    }

    private static List<String> digests(Path folder) throws IOException {
        List<String> lines = new ArrayList<>();
        for (Path file : files(folder)) {
            if (!file.equals(folder.resolve(DIGESTS))) {
                String digest = Checksum.sha256().add(file).hex();
                lines.add(digest + SEPARATOR + folder.relativize(file));
            }
        }
        return lines;
    }

    private static List<Path> files(Path folder) throws IOException {
        try (Stream<Path> entries = Files.list(folder)) {
            return entries.map(entry -> isFolder(entry) ? entry.resolve(DIGESTS) : entry)
                    .sorted()
                    .toList();
        }
    }

    private static List<Path> folders(Path folder) throws IOException {
        try (Stream<Path> entries = Files.list(folder)) {
            return entries.filter(WholeFolder::isFolder).sorted().toList();
        }
    }

    private static boolean isFolder(Path path) {
        return Files.isDirectory(path, LinkOption.NOFOLLOW_LINKS);
    }

    private static void force(Path path) throws IOException {
        try (FileChannel channel = FileChannel.open(path)) {
            channel.force(true);
        }
    }
}
