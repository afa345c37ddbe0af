package io.sparkqa.hub;

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

/** Brings models, data sets and files of the web into the cache, several files at once. */
public final class Fetch {
    private static final int AT_ONCE = 8;
    private static final Logger LOG = LoggerFactory.getLogger("io.sparkqa.fetch");
    private static final int LONGEST_END_S = 5;
    private static final long MEGABYTE = 1_000_000;

    /**
     * Something that later stages will ask the cache for.
     *
     * @param split of a data set: train, dev or a name of data.more
     * @param whole a model with its weights, not its tokenizer only
     */
    public record Wanted(Source source, String split, boolean whole) {}

    /**
     * What was done.
     *
     * @param files brought now
     * @param bytes of them that came now
     * @param there files that were there already
     * @param folders where everything lies
     */
    public record Result(int files, long bytes, int there, List<Path> folders) {}

    /** A commit of a repository in the cache, and the revision by which it was asked for. */
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

        /** Bytes that need not come any more. */
        long left(boolean again) {
            return !again && Download.isThere(file, snapshot.repository())
                    ? file.size()
                    : Download.left(file, snapshot.repository());
        }
    }

    private final HubEnvironment environment;
    private final Path cache;
    private final boolean again;
    private final Requests requests;
    private final HubClient hub;
    private final Map<HubRepository, HubClient.Listing> listings = new HashMap<>();

    /**
     * @param cache folder of the cache
     * @param again fetch what is there already, too
     */
    public Fetch(HubEnvironment environment, Path cache, boolean again) {
        this(environment, cache, again, RetryPolicy.Limits.ORDINARY);
    }

    Fetch(HubEnvironment environment, Path cache, boolean again, RetryPolicy.Limits limits) {
        this.environment = environment;
        this.cache = cache;
        this.again = again;
        this.requests = new Requests(environment, limits);
        this.hub = new HubClient(environment, requests);
    }

    /**
     * Brings what is missing.
     *
     * @throws UserError saying what is not to be had, and what helps
     */
    public Result bring(List<Wanted> wanted) throws IOException, InterruptedException {
        Map<Snapshot, Map<String, Callable<Planned>>> asked = new LinkedHashMap<>();
        for (Wanted one : wanted) {
            ask(one, asked);
        }
        int there = 0;
        List<Callable<Planned>> questions = new ArrayList<>();
        for (Map.Entry<Snapshot, Map<String, Callable<Planned>>> of : asked.entrySet()) {
            for (Map.Entry<String, Callable<Planned>> file : of.getValue().entrySet()) {
                if (!again && Files.exists(of.getKey().folder().resolve(file.getKey()))) {
                    there++;
                } else {
                    questions.add(file.getValue());
                }
            }
        }
        List<Planned> planned = atOnce(questions);
        long bytes = download(planned);
        for (Planned one : planned) {
            Snapshot snapshot = one.snapshot();
            snapshot.repository()
                    .link(snapshot.commit(), one.file().name(), one.file().blob());
        }
        for (Snapshot snapshot : asked.keySet()) {
            snapshot.repository().setRef(snapshot.revision(), snapshot.commit());
        }
        return new Result(
                planned.size(),
                bytes,
                there,
                asked.keySet().stream().map(Snapshot::folder).toList());
    }

    /** Finds out which files something consists of, and how to learn more of each. */
    private void ask(Wanted wanted, Map<Snapshot, Map<String, Callable<Planned>>> asked) throws InterruptedException {
        if (wanted.source() instanceof Source.Model model) {
            Collection<String> names = listing(model.repository()).names();
            ask(model.repository(), ModelFiles.choose(model.repository().inWords(), names, wanted.whole()), asked);
        } else if (wanted.source() instanceof Source.DataSet set) {
            String below = set.folder().isEmpty() ? "" : set.folder() + "/";
            List<String> names = listing(set.repository()).names().stream()
                    .filter(name -> name.startsWith(below))
                    .map(name -> name.substring(below.length()))
                    .toList();
            List<String> chosen = SplitFiles.of(set.repository().inWords(), names, wanted.split()).stream()
                    .map(below::concat)
                    .toList();
            ask(set.repository(), chosen, asked);
        } else if (wanted.source() instanceof Source.Web web) {
            RemoteFile file = new WebFiles(requests).file(web);
            Snapshot snapshot =
                    new Snapshot(new CachedRepository(cache, web.folder()), WebFiles.REVISION, WebFiles.commit(file));
            asked.computeIfAbsent(snapshot, key -> new LinkedHashMap<>())
                    .put(
                            file.name(),
                            () -> new Planned(
                                    snapshot, file, answer -> WebFiles.refusal(web.address(), answer.statusCode())));
        }
    }

    private void ask(HubRepository repository, List<String> names, Map<Snapshot, Map<String, Callable<Planned>>> asked)
            throws InterruptedException {
        String commit = listing(repository).commit();
        Snapshot snapshot =
                new Snapshot(new CachedRepository(cache, repository.folder()), repository.revision(), commit);
        Map<String, Callable<Planned>> questions = asked.computeIfAbsent(snapshot, key -> new LinkedHashMap<>());
        for (String name : names) {
            questions.put(
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

    /** Downloads; returns how many bytes came. */
    private long download(List<Planned> planned) throws IOException, InterruptedException {
        // two names of the same bytes are one blob
        Map<Path, Planned> blobs = new LinkedHashMap<>();
        planned.forEach(one -> blobs.put(one.blob(), one));
        long total = blobs.values().stream().mapToLong(one -> one.file().size()).sum();
        long left = blobs.values().stream().mapToLong(one -> one.left(again)).sum();
        if (blobs.isEmpty()) {
            return 0;
        }
        requireRoom(total - left);
        AtomicLong done = new AtomicLong(left);
        try (Progress progress = Progress.of("fetch", "MB", total / MEGABYTE).startingAt(left / MEGABYTE)) {
            List<Callable<Boolean>> downloads = new ArrayList<>();
            for (Planned one : blobs.values()) {
                Download download = new Download(
                        requests,
                        one.file(),
                        one.snapshot().repository(),
                        bytes -> progress.at(done.addAndGet(bytes) / MEGABYTE),
                        one.refusal());
                downloads.add(() -> download.run(again));
            }
            atOnce(downloads);
        }
        return total - left;
    }

    private void requireRoom(long bytes) throws IOException {
        try {
            Files.createDirectories(cache);
        } catch (IOException e) {
            throw new UserError(
                    "%s: the cache can't be made there: %s; set hub.cache (or HF_HUB_CACHE) to another folder of the shared file system"
                            .formatted(cache, e.getMessage()),
                    e);
        }
        long room = Files.getFileStore(cache).getUsableSpace();
        if (bytes > room) {
            throw new UserError(
                    "%s: %,d MB are to come, but there is room for %,d MB only; make room, or set hub.cache (or HF_HUB_CACHE) to another folder of the shared file system"
                            .formatted(cache, bytes / MEGABYTE, room / MEGABYTE));
        }
    }

    /** Does several things at a time; the first that fails ends all. */
    private static <T> List<T> atOnce(List<Callable<T>> things) throws IOException, InterruptedException {
        ExecutorService pool = Executors.newFixedThreadPool(AT_ONCE, work -> {
            Thread thread = new Thread(work, "fetch");
            thread.setDaemon(true);
            return thread;
        });
        try {
            CompletionService<T> ends = new ExecutorCompletionService<>(pool);
            things.forEach(ends::submit);
            List<T> results = new ArrayList<>();
            for (int i = 0; i < things.size(); i++) {
                results.add(ends.take().get());
            }
            return results;
        } catch (ExecutionException e) {
            if (e.getCause() instanceof UserError problem) {
                throw problem;
            }
            throw new IOException(e.getCause());
        } finally {
            pool.shutdownNow();
            if (!pool.awaitTermination(LONGEST_END_S, TimeUnit.SECONDS)) {
                LOG.info("Some downloads wait for a byte before they notice that they are not wanted any more");
            }
        }
    }
}
