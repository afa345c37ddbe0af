package io.sparkqa.files;

import java.nio.file.Path;

/** Addresses of this machine's files for Hadoop and Spark, valid with any default file system. */
public final class FileUri {
    private FileUri() {}

    /** Returns the address of a file or folder to write. */
    public static String of(Path path) {
        return "file://" + path.toAbsolutePath().normalize();
    }

    /** Returns the address of a file or folder to read, with the characters escaped that Hadoop takes for patterns. */
    public static String toRead(Path path) {
        return of(path).replaceAll("[\\[\\]{}*?\\\\]", "\\\\$0");
    }
}
