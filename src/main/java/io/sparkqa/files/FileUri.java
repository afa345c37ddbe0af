package io.sparkqa.files;

import java.nio.file.Path;

/** Paths of this machine as Hadoop and Spark take them, whatever their default file system is. */
public final class FileUri {
    private FileUri() {}

    /** Returns the address of a file or folder to write. */
    public static String of(Path path) {
        return "file://" + path.toAbsolutePath().normalize();
    }

    /** Returns the address of a file or folder to read: letters of its name that Hadoop would take for a pattern are escaped. */
    public static String toRead(Path path) {
        return of(path).replaceAll("[\\[\\]{}*?\\\\]", "\\\\$0");
    }
}
