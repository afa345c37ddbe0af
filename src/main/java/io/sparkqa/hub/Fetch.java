package io.sparkqa.hub;

import io.sparkqa.config.Reason;
import io.sparkqa.config.UserError;
import io.sparkqa.progress.Progress;
import io.sparkqa.source.HubRepository;
import io.sparkqa.source.Source;
import java.io.IOException;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletionService;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorCompletionService;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Function;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Downloads models, data sets and files of the web into the cache, several files in parallel. */
public final class Fetch {
    private static final int PARALLEL = 8;
    private static final Logger LOG = LoggerFactory.getLogger("io.sparkqa.fetch");
    private static final int LONGEST_SHUTDOWN_S = 5;
    private static final long MEGABYTE = 1_000_000;

    /**
     * A model or data set that later stages look for in the cache.
     *
     * @param split split of a data set: train, dev or a name of data.more
     * @param whole whether to fetch a model with its weights, not only its tokenizer
     */
    public record Wanted(Source source, String split, boolean whole) {}

    /**
     * The result of a fetch.
     *
     * @param files number of downloaded files
     * @param bytes number of received bytes
     * @param present number of files that were already in the cache
     * @param folders snapshots that contain the files
     */
    public record Result(int files, long bytes, int present, List<Path> folders) {}

    /** A commit of a repository in the cache, and the revision under which it was requested. */
    private record Snapshot(CachedRepository repository, String revision, String commit) {
        Path folder() {
            return repository.snapshot(commit);
        }
    }

    /** A file to download. */
    private record Planned(Snapshot snapshot, RemoteFile file, Function<HttpResponse<?>, UserError> refusal) {
        Path blob() {
            return snapshot.repository().blob(file.blob());
        }

        /** Returns the number of bytes that need not be downloaded. */
        long received(boolean forced) {
            return !forced && Download.isPresent(file, snapshot.repository())
                    ? file.size()
                    : Download.received(file, snapshot.repository());
        }
    }

    private final HubEnvironment environment;
    private final Path cache;
    private final boolean forced;
    private final Requests requests;
    private final HubClient hub;
    private final Map<HubRepository, HubClient.Listing> listings = new HashMap<>();

    /**
     * @param cache folder of the cache
     * @param forced whether to fetch files that are already in the cache
     */
    public Fetch(HubEnvironment environment, Path cache, boolean forced) {
        this(environment, cache, forced, RetryPolicy.Limits.ORDINARY);
    }

    Fetch(HubEnvironment environment, Path cache, boolean forced, RetryPolicy.Limits limits) {
        this.environment = environment;
        this.cache = cache;
        this.forced = forced;
        this.requests = new Requests(environment, limits);
        this.hub = new HubClient(environment, requests);
    }

    /**
     * Downloads the missing files.
     *
     * @throws UserError if a file can't be fetched, with the reason and the remedy
     */
    public Result fetch(List<Wanted> wanted) throws IOException, InterruptedException {
        Map<Snapshot, Map<String, Callable<Planned>>> queries = new LinkedHashMap<>();
        for (Wanted one : wanted) {
            plan(one, queries);
        }
        int present = 0;
        List<Callable<Planned>> missing = new ArrayList<>();
        for (Map.Entry<Snapshot, Map<String, Callable<Planned>>> of : queries.entrySet()) {
            for (Map.Entry<String, Callable<Planned>> file : of.getValue().entrySet()) {
                if (!forced && Files.exists(of.getKey().folder().resolve(file.getKey()))) {
                    present++;
                } else {
                    missing.add(file.getValue());
                }
            }
        }
        List<Planned> planned = inParallel(missing);
        long bytes = download(planned);
        for (Planned one : planned) {
            Snapshot snapshot = one.snapshot();
            snapshot.repository()
                    .link(snapshot.commit(), one.file().name(), one.file().blob());
        }
        for (Snapshot snapshot : queries.keySet()) {
            snapshot.repository().setRef(snapshot.revision(), snapshot.commit());
        }
        return new Result(
                planned.size(),
                bytes,
                present,
                queries.keySet().stream().map(Snapshot::folder).toList());
    }

    /** Adds a query for the address, size and checksum of each needed file. */
    private void plan(Wanted wanted, Map<Snapshot, Map<String, Callable<Planned>>> queries)
            throws InterruptedException {
        if (wanted.source() instanceof Source.Model model) {
            Collection<String> names = listing(model.repository()).names();
            plan(model.repository(), ModelFiles.choose(model.repository().inWords(), names, wanted.whole()), queries);
        } else if (wanted.source() instanceof Source.DataSet set) {
            String below = set.folder().isEmpty() ? "" : set.folder() + "/";
            List<String> names = listing(set.repository()).names().stream()
                    .filter(name -> name.startsWith(below))
                    .map(name -> name.substring(below.length()))
                    .toList();
            List<String> chosen = SplitFiles.of(set.repository().inWords(), names, wanted.split()).stream()
                    .map(below::concat)
                    .toList();
            plan(set.repository(), chosen, queries);
        } else if (wanted.source() instanceof Source.Web web) {
            RemoteFile file = new WebFiles(requests).file(web);
            Snapshot snapshot = new Snapshot(CachedRepository.of(cache, web), WebFiles.REVISION, WebFiles.commit(file));
            queries.computeIfAbsent(snapshot, key -> new LinkedHashMap<>())
                    .put(
                            file.name(),
                            () -> new Planned(
                                    snapshot, file, answer -> WebFiles.refusal(web.address(), answer.statusCode())));
        }
    }

    private void plan(
            HubRepository repository, List<String> names, Map<Snapshot, Map<String, Callable<Planned>>> queries)
            throws InterruptedException {
        String commit = listing(repository).commit();
        Snapshot snapshot = new Snapshot(CachedRepository.of(cache, repository), repository.revision(), commit);
        Map<String, Callable<Planned>> files = queries.computeIfAbsent(snapshot, key -> new LinkedHashMap<>());
        for (String name : names) {
            files.put(
                    name,
                    () -> new Planned(snapshot, hub.file(repository, commit, name), answer -> new HubRefusal(
                                    environment, repository)
                            .of(answer, name, Optional.empty())));
        }
    }

    private HubClient.Listing listing(HubRepository repository) throws InterruptedException {
        HubClient.Listing known = listings.get(repository);
        if (known == null) {
            known = hub.listing(repository);
            listings.put(repository, known);
        }
        return known;
    }

    /** Downloads the files and returns the number of received bytes. */
    private long download(List<Planned> planned) throws IOException, InterruptedException {
        // Files with the same bytes share one blob.
        Map<Path, Planned> blobs = new LinkedHashMap<>();
        planned.forEach(one -> blobs.put(one.blob(), one));
        long total = blobs.values().stream().mapToLong(one -> one.file().size()).sum();
        long received =
                blobs.values().stream().mapToLong(one -> one.received(forced)).sum();
        if (blobs.isEmpty()) {
            return 0;
        }
        requireRoom(total - received);
        AtomicLong done = new AtomicLong(received);
        try (Progress progress = Progress.of("fetch", "MB", total / MEGABYTE).startingAt(received / MEGABYTE)) {
            List<Callable<Boolean>> downloads = new ArrayList<>();
            for (Planned one : blobs.values()) {
                Download download = new Download(
                        requests,
                        one.file(),
                        one.snapshot().repository(),
                        bytes -> progress.at(done.addAndGet(bytes) / MEGABYTE),
                        one.refusal());
                downloads.add(() -> download.run(forced));
            }
            inParallel(downloads);
        }
        return total - received;
    }

    private void requireRoom(long bytes) throws IOException {
        try {
            Files.createDirectories(cache);
        } catch (IOException e) {
            throw new UserError(
                    "%s: the cache folder can't be created: %s; set hub.cache (or HF_HUB_CACHE) to another folder of the shared file system"
                            .formatted(cache, Reason.of(e)),
                    e);
        }
        long room = Files.getFileStore(cache).getUsableSpace();
        if (bytes > room) {
            throw new UserError(String.format(
                    Locale.ROOT,
                    "%s: the download needs %,d MB, but only %,d MB are free; free some space, or set hub.cache (or HF_HUB_CACHE) to another folder of the shared file system",
                    cache,
                    bytes / MEGABYTE,
                    room / MEGABYTE));
        }
    }

    /** Runs tasks in parallel; the first failure cancels the others. */
    private static <T> List<T> inParallel(List<Callable<T>> tasks) throws IOException, InterruptedException {
        ExecutorService pool = Executors.newFixedThreadPool(PARALLEL, work -> {
            Thread thread = new Thread(work, "fetch");
            thread.setDaemon(true);
            return thread;
        });
        try {
            CompletionService<T> completed = new ExecutorCompletionService<>(pool);
            tasks.forEach(completed::submit);
            List<T> results = new ArrayList<>();
            for (int i = 0; i < tasks.size(); i++) {
                results.add(completed.take().get());
            }
            return results;
        } catch (ExecutionException e) {
            if (e.getCause() instanceof UserError problem) {
                throw problem;
            }
            throw new IOException(e.getCause());
        } finally {
            pool.shutdownNow();
            if (!pool.awaitTermination(LONGEST_SHUTDOWN_S, TimeUnit.SECONDS)) {
                LOG.info("Some downloads end only when they receive their next byte");
            }
        }
    }
}
