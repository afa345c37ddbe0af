package io.sparkqa.hub;

import io.sparkqa.config.UserError;
import io.sparkqa.files.Staging;
import io.sparkqa.source.SafeName;
import java.io.IOException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
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
        Path staging = staging(link);
        Files.createDirectories(link.getParent());
        Files.deleteIfExists(staging);
        try {
            Files.createSymbolicLink(staging, link.getParent().relativize(blob(blob)));
        } catch (UnsupportedOperationException | FileSystemException e) {
            throw new UserError(
                    "%s: the file system takes no symbolic links, which the cache is made of (%s); set hub.cache to a folder elsewhere"
                            .formatted(link, e.getMessage()),
                    e);
        }
        Staging.publish(staging, link);
    }

    /** Notes the commit that a revision is at. */
    void setRef(String revision, String commit) throws IOException {
        if (revision.matches(COMMIT)) {
            return;
        }
        Path ref = ref(revision);
        Path staging = staging(ref);
        Files.createDirectories(ref.getParent());
        Files.writeString(staging, commit);
        Staging.publish(staging, ref);
    }

    /** A staging path of this process's own: other programs write the same cache at the same time. */
    private static Path staging(Path place) {
        return place.resolveSibling(
                "." + place.getFileName() + "." + ProcessHandle.current().pid());
    }

    private Path ref(String revision) {
        return root().resolve("refs").resolve(SafeName.path(revision, "the configuration"));
    }

    private Path root() {
        return cache.resolve(folder);
    }
}
