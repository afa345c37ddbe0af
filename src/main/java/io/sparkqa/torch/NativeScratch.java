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
import java.util.Set;

/**
 * Chooses where native libraries unpack: on the node's own disk, not in a home directory that nodes share, that is full
 * or that can't be written.
 */
public final class NativeScratch {
    /** DJL's name, of an environment variable and of a system property. */
    private static final String CACHE = "DJL_CACHE_DIR";

    private static final Set<PosixFilePermission> OURS_ALONE = PosixFilePermissions.fromString("rwx------");

    private NativeScratch() {}

    /**
     * Makes the choice for this process, unless the environment or a system property has made it. To be called before
     * anything native is used.
     */
    public static synchronized void choose() {
        if (System.getenv(CACHE) == null && System.getProperty(CACHE) == null) {
            Path folder = folder(System.getenv(), Path.of(System.getProperty("java.io.tmpdir")));
            System.setProperty(CACHE, folder.toString());
        }
    }

    /**
     * The folder in a SLURM job's own scratch, or else in {@code temporary}: kept for the next process of this user, and
     * nobody else's, since whoever can write there decides which code runs.
     */
    static Path folder(Map<String, String> environment, Path temporary) {
        if (environment.containsKey("SLURM_TMPDIR")) {
            return Path.of(environment.get("SLURM_TMPDIR"), "spark-qa");
        }
        try {
            UserPrincipal user = Files.getOwner(Path.of("/proc/self"));
            Path folder = temporary.resolve("spark-qa-" + user.getName());
            try {
                return Files.createDirectory(folder, PosixFilePermissions.asFileAttribute(OURS_ALONE));
            } catch (FileAlreadyExistsException e) {
                return isOursAlone(folder, user) ? folder : Files.createTempDirectory(temporary, "spark-qa-");
            }
        } catch (IOException e) {
            throw new UncheckedIOException("no scratch for native libraries in " + temporary, e);
        }
    }

    private static boolean isOursAlone(Path folder, UserPrincipal user) throws IOException {
        PosixFileAttributes found = Files.readAttributes(folder, PosixFileAttributes.class, LinkOption.NOFOLLOW_LINKS);
        return found.isDirectory()
                && found.owner().equals(user)
                && found.permissions().equals(OURS_ALONE);
    }
}
