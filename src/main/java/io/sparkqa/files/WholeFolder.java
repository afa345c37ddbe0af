package io.sparkqa.files;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;

/**
 * A folder that is there as a whole or not at all: written at its {@link Staging} path, forced to the disk, then
 * renamed. Its file
 * {@code SHA256SUMS} holds the digest of every other one, as {@code sha256sum -c} reads it; of a folder in it that is
 * such a folder itself, only the digest of its digests.
 */
public final class WholeFolder {
    private static final String DIGESTS = "SHA256SUMS";

    private WholeFolder() {}

    /** Writes the files of a folder. */
    @FunctionalInterface
    public interface Content {
        void write(Path folder) throws IOException;
    }

    /** Writes a folder in place of what was there; if that fails, what was there stays, and nothing else. */
    public static void write(Path folder, Content content) throws IOException {
        Path staging = Staging.of(folder);
        try {
            Trees.delete(staging);
            Files.createDirectories(staging);
            content.write(staging);
            Files.write(staging.resolve(DIGESTS), digests(staging));
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

    /** Tells what is wrong with a folder: nothing if every file is as it was written. */
    public static Optional<String> damage(Path folder) {
        try {
            for (Path inner : folders(folder)) {
                Optional<String> damage = damage(inner);
                if (damage.isPresent()) {
                    return damage.map(words -> inner.getFileName() + "/" + words);
                }
            }
            Set<String> written = new TreeSet<>(Files.readAllLines(folder.resolve(DIGESTS)));
            Set<String> found = new TreeSet<>(digests(folder));
            return Stream.concat(
                            written.stream().filter(line -> !found.contains(line)),
                            found.stream().filter(line -> !written.contains(line)))
                    .findFirst()
                    .map(line -> line.substring(line.indexOf("  ") + 2) + " is not as " + DIGESTS + " has it");
        } catch (IOException e) {
            return Optional.of("it can't be read: " + e);
        }
    }

    /** Removes what interrupted writing has left in the folder that holds such folders. */
    public static void sweep(Path parent) throws IOException {
        if (Files.isDirectory(parent)) {
            try (Stream<Path> entries = Files.list(parent)) {
                for (Path entry : entries.toList()) {
                    if (Staging.isStaging(entry)) {
                        Trees.delete(entry);
                    }
                }
            }
        }
    }

    private static List<String> digests(Path folder) throws IOException {
        List<String> lines = new ArrayList<>();
        for (Path file : files(folder)) {
            if (!file.equals(folder.resolve(DIGESTS))) {
                String digest = Checksum.sha256().add(file).hex();
                lines.add(digest + "  " + folder.relativize(file));
            }
        }
        return lines;
    }

    private static List<Path> files(Path folder) throws IOException {
        try (Stream<Path> entries = Files.list(folder)) {
            return entries.map(entry -> Files.isDirectory(entry) ? entry.resolve(DIGESTS) : entry)
                    .sorted()
                    .toList();
        }
    }

    private static List<Path> folders(Path folder) throws IOException {
        try (Stream<Path> entries = Files.list(folder)) {
            return entries.filter(Files::isDirectory).sorted().toList();
        }
    }

    private static void force(Path path) throws IOException {
        try (FileChannel channel = FileChannel.open(path)) {
            channel.force(true);
        }
    }
}
