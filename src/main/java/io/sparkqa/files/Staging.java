package io.sparkqa.files;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;

/**
 * Writes a file or folder so that it is never visible in part: first at its <i>staging</i> path, another name in the same
 * folder, then renamed.
 */
public final class Staging {
    private static final String SUFFIX = ".partial";

    private Staging() {}

    /** Returns the staging path of a file or folder: the same name with {@code .partial} at its end. */
    public static Path of(Path place) {
        return place.resolveSibling(place.getFileName() + SUFFIX);
    }

    /** Returns whether a path is a staging path, by its name. */
    public static boolean isStaging(Path path) {
        return path.getFileName().toString().endsWith(SUFFIX);
    }

    /** Renames a staged file or folder to its final path and replaces an existing one. */
    public static void publish(Path staging, Path place) throws IOException {
        if (isFolder(staging) || isFolder(place)) {
            // A rename replaces only a file, and only with a file.
            Trees.delete(place);
        }
        Files.move(staging, place, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    }

    private static boolean isFolder(Path path) {
        return Files.isDirectory(path, LinkOption.NOFOLLOW_LINKS);
    }

    /** Writes a text file in UTF-8. Replaces an existing file only after everything is written. */
    public static void write(Path file, String text) throws IOException {
        write(file, text.getBytes(StandardCharsets.UTF_8));
    }

    /** Writes a file. Replaces an existing file only after everything is written. */
    public static void write(Path file, byte[] bytes) throws IOException {
        Path staging = of(file);
        Files.write(staging, bytes);
        publish(staging, file);
    }
}
