package io.sparkqa.hub;

import io.sparkqa.config.UserError;
import io.sparkqa.source.HubRepository;
import io.sparkqa.source.Source;
import io.sparkqa.source.WebAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** Finds models and data sets that {@link Fetch} or the Hub's own clients have fetched. Never uses a network. */
public final class HubCache {
    private final Path folder;
    private final String remedy;

    /**
     * @param folder folder of the cache
     * @param remedy what to do if a model or data set is missing, for error messages
     */
    public HubCache(Path folder, String remedy) {
        this.folder = folder;
        this.remedy = remedy;
    }

    /**
     * Returns the folder of a model.
     *
     * @throws UserError if it is missing or incomplete
     */
    public Path model(Source source) {
        return folder(source, true);
    }

    /** Returns the folder of a model of which only the tokenizer is needed. */
    public Path tokenizer(Source source) {
        return folder(source, false);
    }

    private Path folder(Source source, boolean whole) {
        if (source instanceof Source.Model model) {
            Path snapshot = snapshot(model.repository());
            String lacking = ModelFiles.lacking(snapshot, whole);
            if (!lacking.isEmpty()) {
                throw missing(model.repository().toString(), "%s has no %s".formatted(snapshot, lacking));
            }
            return snapshot;
        }
        return ((Source.Local) source).path();
    }

    /**
     * Returns the files with the questions of a split: a file, a folder of JSON files, or Parquet files in their order.
     *
     * @throws UserError if any of them is missing
     */
    public List<Path> questions(Source source, String split) {
        if (source instanceof Source.Web web) {
            return List.of(file(web));
        }
        if (source instanceof Source.DataSet set) {
            Path snapshot = snapshot(set.repository()).resolve(set.folder());
            try {
                return SplitFiles.in(snapshot, SplitFiles.parquet(snapshot), split);
            } catch (UserError e) {
                throw missing(set.repository().toString(), e.getMessage());
            }
        }
        Path path = ((Source.Local) source).path();
        List<String> parquet = SplitFiles.parquet(path);
        return parquet.isEmpty() ? List.of(path) : SplitFiles.in(path, parquet, split);
    }

    private Path file(Source.Web web) {
        return CachedRepository.of(folder, web)
                .snapshotOf(WebFiles.REVISION)
                .map(snapshot -> snapshot.resolve(WebFiles.name(web)))
                .filter(Files::isRegularFile)
                .orElseThrow(() -> missing(WebAddress.inWords(web.address()), "it was never fetched"));
    }

    private Path snapshot(HubRepository repository) {
        return CachedRepository.of(folder, repository)
                .snapshotOf(repository.revision())
                .orElseThrow(() -> missing(repository.toString(), "it was never fetched"));
    }

    private UserError missing(String name, String reason) {
        return new UserError("%s is not in the cache %s (%s); %s".formatted(name, folder, reason, remedy));
    }
}
