package io.sparkqa.hub;

import io.sparkqa.config.Reason;
import io.sparkqa.config.UserError;
import io.sparkqa.files.Checksum;
import io.sparkqa.files.Staging;
import io.sparkqa.source.HubRepository;
import io.sparkqa.source.Source;
import java.io.IOException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One repository in a cache with the layout of the Hub's own clients: {@code blobs/} holds files under their ETags,
 * {@code snapshots/<commit>/} has links to them under their names, and {@code refs/<revision>} holds the commit of a branch
 * or tag. A file of the web is a data set of one file.
 *
 * @param folder the repository's name in the cache
 */
record CachedRepository(Path cache, String folder) {
    private static final Logger LOG = LoggerFactory.getLogger("io.sparkqa.fetch");
    private static final String COMMIT = "[0-9a-f]{40}";

    CachedRepository {
        // Relative links are computed from absolute paths.
        cache = cache.toAbsolutePath().normalize();
    }

    static CachedRepository of(Path cache, HubRepository repository) {
        String plural = repository.kind() == HubRepository.Kind.MODEL ? "models" : "datasets";
        return new CachedRepository(cache, plural + "--" + repository.id().replace("/", "--"));
    }

    static CachedRepository of(Path cache, Source.Web web) {
        String address = web.address().toString();
        String host = web.address().getRawAuthority().replaceAll("[^A-Za-z0-9.]+", "-");
        return new CachedRepository(
                cache,
                "datasets--" + host + "--"
                        + Checksum.sha256().add(address).hex().substring(0, 16));
    }

    Path blob(String name) {
        return root().resolve("blobs").resolve(name);
    }

    /** Returns the file that holds the bytes of a blob received so far. */
    Path incomplete(String name) {
        return blob(name + ".incomplete");
    }

    /** Returns the file that a fetch locks while it writes a blob. */
    Path lock(String name) {
        return cache.resolve(".locks").resolve(folder).resolve(name + ".lock");
    }

    Path snapshot(String commit) {
        return root().resolve("snapshots").resolve(commit);
    }

    /** Returns the commit that a branch or tag had when it was last fetched; a commit is returned as it is. */
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

    /**
     * Returns the snapshot of a revision; empty if there is none. The Hub's JavaScript client writes no refs; in such a cache
     * a single snapshot is taken for {@code main}.
     */
    Optional<Path> snapshotOf(String revision) {
        Optional<String> commit = commit(revision);
        if (commit.isEmpty() && revision.equals("main") && !Files.exists(root().resolve("refs"))) {
            return onlySnapshot();
        }
        return commit.map(this::snapshot).filter(Files::isDirectory);
    }

    private Optional<Path> onlySnapshot() {
        Path snapshots = root().resolve("snapshots");
        if (!Files.isDirectory(snapshots)) {
            return Optional.empty();
        }
        try (Stream<Path> folders = Files.list(snapshots)) {
            List<Path> all = folders.filter(Files::isDirectory).toList();
            if (all.size() != 1) {
                return Optional.empty();
            }
            LOG.warn("{}: the cache does not say which snapshot main is; taking the only one", all.get(0));
            return Optional.of(all.get(0));
        } catch (IOException e) {
            throw new UserError("%s: can't be listed: %s".formatted(snapshots, Reason.of(e)), e);
        }
    }

    /** Links a blob under a name into a snapshot. */
    void link(String commit, String name, String blob) throws IOException {
        Path link = snapshot(commit).resolve(name);
        Path staging = staging(link);
        Files.createDirectories(link.getParent());
        Files.deleteIfExists(staging);
        try {
            Files.createSymbolicLink(staging, link.getParent().relativize(blob(blob)));
        } catch (UnsupportedOperationException | FileSystemException e) {
            throw new UserError(
                    "%s: the file system does not support symbolic links, which the cache needs (%s); set hub.cache to a folder elsewhere"
                            .formatted(link, e.getMessage()),
                    e);
        }
        Staging.publish(staging, link);
    }

    /** Records the commit of a revision. */
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

    /** Returns a staging path of this process's own, since other programs write to the same cache. */
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
