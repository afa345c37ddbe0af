package io.sparkqa.torch;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFileAttributes;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.nio.file.attribute.UserPrincipal;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Chooses the folder in which native libraries are unpacked. It is on the node's own disk, since a home directory may be
 * shared by nodes, full or not writable.
 */
public final class NativeScratch {
    /** DJL's environment variable and system property for the folder. */
    private static final String CACHE = "DJL_CACHE_DIR";

    private static final Set<PosixFilePermission> OURS_ALONE = PosixFilePermissions.fromString("rwx------");

    private NativeScratch() {}

    /**
     * Chooses the folder for this process, unless the environment variable or the system property is set. Must be called
     * before native code is used.
     */
    public static synchronized void choose() {
        if (System.getenv(CACHE) == null && System.getProperty(CACHE) == null) {
            Path folder = folder(System.getenv(), Path.of(System.getProperty("java.io.tmpdir")));
            System.setProperty(CACHE, folder.toString());
        }
    }

    /**
     * Returns a folder in the SLURM job's scratch if there is one, else in {@code temporary}, where the user's next process
     * finds it again. Only the user may write to the latter, since whoever can write there decides which code runs.
     */
    static Path folder(Map<String, String> environment, Path temporary) {
        Optional<Path> job = Optional.ofNullable(environment.get("SLURM_TMPDIR"))
                .filter(path -> !path.isEmpty())
                .map(Path::of)
                .filter(Files::isWritable);
        try {
            UserPrincipal user = Files.getOwner(Path.of("/proc/self"));
            return job.isPresent()
                    ? ours(job.get(), "spark-qa", user)
                    : ours(temporary, "spark-qa-" + user.getName(), user);
        } catch (IOException e) {
            throw new UncheckedIOException(
                    "the folder for native libraries can't be created in " + job.orElse(temporary)
                            + "; set DJL_CACHE_DIR to a folder that can be written",
                    e);
        }
    }

    private static Path ours(Path parent, String name, UserPrincipal user) throws IOException {
        Path folder = parent.resolve(name);
        try {
            return Files.createDirectory(folder, PosixFilePermissions.asFileAttribute(OURS_ALONE));
        } catch (FileAlreadyExistsException e) {
            return isOursAlone(folder, user) ? folder : Files.createTempDirectory(parent, "spark-qa-");
        }
    }

    private static boolean isOursAlone(Path folder, UserPrincipal user) throws IOException {
        PosixFileAttributes found = Files.readAttributes(folder, PosixFileAttributes.class, LinkOption.NOFOLLOW_LINKS);
        return found.isDirectory()
                && found.owner().equals(user)
                && found.permissions().equals(OURS_ALONE);
    }
}
