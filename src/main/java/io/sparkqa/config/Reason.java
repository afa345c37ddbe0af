package io.sparkqa.config;

import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.FileSystemLoopException;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;

/** Says why a file can't be read or written. Java's own message is often the file's name alone. */
public final class Reason {
    private Reason() {}

    /** Returns the reason in words, to stand in a message behind the name of a file. */
    public static String of(IOException problem) {
        if (problem instanceof FileSystemException failure && failure.getReason() == null) {
            return "%s (%s)".formatted(inWords(failure), Printable.of(String.valueOf(failure.getFile())));
        }
        return Printable.of(String.valueOf(problem.getMessage()));
    }

    private static String inWords(FileSystemException failure) {
        if (failure instanceof AccessDeniedException) {
            return "permission denied";
        }
        if (failure instanceof NoSuchFileException) {
            return "no such file";
        }
        if (failure instanceof FileAlreadyExistsException || failure instanceof NotDirectoryException) {
            return "there is a file, but a folder is needed";
        }
        if (failure instanceof FileSystemLoopException) {
            return "a link leads back to its own folder";
        }
        return failure.getClass().getSimpleName();
    }
}
