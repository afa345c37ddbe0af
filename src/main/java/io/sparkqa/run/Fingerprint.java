package io.sparkqa.run;

import io.sparkqa.decode.Calibration;
import io.sparkqa.files.Checksum;
import io.sparkqa.hub.ModelFiles;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.FileVisitOption;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * A digest of a file, or of a folder's files in the order of their names. It leaves out hidden files and Spark's markers
 * (names that start with a dot or an underscore), what is written beside a model later (its null threshold and the scores in
 * its card), and the names, which Spark chooses anew for each table.
 *
 * @param sha256 digest of the contents
 * @param stamp digest of names, sizes and times of change: while it stays the same, the contents are not read again. It
 *     includes the system's own time of change, if there is one, because tools can't set it back
 */
record Fingerprint(String sha256, String stamp) {
    Fingerprint {
        if (sha256 == null || stamp == null) {
            throw new IllegalArgumentException("sha256 or stamp is missing");
        }
    }

    /** Returns the fingerprint of {@code path}; an earlier one, {@code known}, saves reading unchanged contents. */
    static Fingerprint of(Path path, Optional<Fingerprint> known) throws IOException {
        List<Path> files = files(path);
        String stamp = stamp(path, files);
        if (known.isPresent() && known.get().stamp().equals(stamp)) {
            return known.get();
        }
        Checksum digest = Checksum.sha256();
        for (Path file : files) {
            digest.add(Checksum.sha256().add(file).bytes());
        }
        return new Fingerprint(digest.hex(), stamp);
    }

    private static List<Path> files(Path path) throws IOException {
        try (Stream<Path> files = Files.walk(path, FileVisitOption.FOLLOW_LINKS)) {
            return files.filter(Files::isRegularFile)
                    .filter(file -> file.equals(path) || counts(path.relativize(file)))
                    .sorted()
                    .collect(Collectors.toList());
        } catch (UncheckedIOException e) {
            throw e.getCause();
        }
    }

    private static boolean counts(Path relative) {
        for (Path name : relative) {
            if (name.toString().startsWith(".")
                    || name.toString().startsWith("_")
                    || name.toString().startsWith(Calibration.FILE)
                    || name.toString().startsWith(ModelFiles.CARD)) {
                return false;
            }
        }
        return true;
    }

    private static String stamp(Path path, List<Path> files) throws IOException {
        Checksum digest = Checksum.sha256();
        for (Path file : files) {
            String line = "%s\t%s\t%s\t%s\n"
                    .formatted(path.relativize(file), Files.size(file), Files.getLastModifiedTime(file), changed(file));
            digest.add(line);
        }
        return digest.hex();
    }

    private static Object changed(Path file) throws IOException {
        return file.getFileSystem().supportedFileAttributeViews().contains("unix")
                ? Files.getAttribute(file, "unix:ctime")
                : "";
    }
}
