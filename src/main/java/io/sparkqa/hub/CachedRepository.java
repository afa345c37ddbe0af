package io.sparkqa.hub;

import io.sparkqa.config.UserError;
import io.sparkqa.source.SafeName;
import java.io.IOException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Optional;

/**
 * One repository in a cache that is laid out as the Hub's own clients do: {@code blobs/} holds files by their ETags,
 * {@code snapshots/<commit>/} links to them by their names, {@code refs/<revision>} the commit that a branch or tag was
 * at.
 *
 * @param folder the repository's in the cache
 */
record CachedRepository(Path cache, String folder) {
    private static final String COMMIT = "[0-9a-f]{40}";

    CachedRepository {
        // links are relative, so both their ends must be told in the same way
        cache = cache.toAbsolutePath().normalize();
    }

    Path blob(String name) {
        return root().resolve("blobs").resolve(name);
    }

    /** What has come of a blob so far. */
    Path incomplete(String name) {
        return blob(name + ".incomplete");
    }

    /** What a fetch holds a lock on while it writes a blob. */
    Path lock(String name) {
        return cache.resolve(".locks").resolve(folder).resolve(name + ".lock");
    }

    Path snapshot(String commit) {
        return root().resolve("snapshots").resolve(commit);
    }

    /** The commit that a revision was at when it was fetched last; a commit stands for itself. */
    Optional<String> commit(String revision) {
        if (revision.matches(COMMIT)) {
            return Optional.of(revision);
        }
        try {
            return Optional.of(Files.readString(ref(revision)).strip()).filter(SafeName::isPart);
        } catch (IOException e) {
            return Optional.empty();
        }
    }

    /** The snapshot of a revision; empty if there is none. */
    Optional<Path> snapshotOf(String revision) {
        return commit(revision).map(this::snapshot).filter(Files::isDirectory);
    }

    /** Gives a blob its name in a snapshot. */
    void link(String commit, String name, String blob) throws IOException {
        Path link = snapshot(commit).resolve(name);
        Path beside = link.resolveSibling(
                "." + link.getFileName() + "." + ProcessHandle.current().pid());
        Files.createDirectories(link.getParent());
        Files.deleteIfExists(beside);
        try {
            Files.createSymbolicLink(beside, link.getParent().relativize(blob(blob)));
        } catch (UnsupportedOperationException | FileSystemException e) {
            throw new UserError(
                    "%s: the file system takes no symbolic links, which the cache is made of (%s); set hub.cache to a folder elsewhere"
                            .formatted(link, e.getMessage()),
                    e);
        }
        Files.move(beside, link, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    }

    /** Notes the commit that a revision is at. */
    void setRef(String revision, String commit) throws IOException {
        if (revision.matches(COMMIT)) {
            return;
        }
        Path ref = ref(revision);
        Path beside = ref.resolveSibling(
                "." + ref.getFileName() + "." + ProcessHandle.current().pid());
        Files.createDirectories(ref.getParent());
        Files.writeString(beside, commit);
        Files.move(beside, ref, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    }

    private Path ref(String revision) {
        return root().resolve("refs").resolve(SafeName.path(revision, "the configuration"));
    }

    private Path root() {
        return cache.resolve(folder);
    }
}
