package io.sparkqa.source;

import java.net.URI;
import java.util.Optional;

/**
 * A model or data set of the Hub at a revision.
 *
 * @param id {@code org/name}, or the bare name of an old model
 * @param revision branch, tag, commit or {@code refs/pr/N}
 */
public record HubRepository(Kind kind, String id, String revision) {
    /** What a repository holds. */
    public enum Kind {
        MODEL("model", "models", ""),
        DATASET("data set", "datasets", "datasets/");

        private final String inWords;
        private final String plural;
        private final String prefix;

        Kind(String inWords, String plural, String prefix) {
            this.inWords = inWords;
            this.plural = plural;
            this.prefix = prefix;
        }
    }

    /** Its folder in the cache. */
    public String folder() {
        return kind.plural + "--" + id.replace("/", "--");
    }

    /** Where the Hub answers which commit the revision is, and which files it has. */
    public URI listing(URI endpoint) {
        return WebAddress.below(endpoint, "api/" + kind.plural + "/" + id + "/revision", revision);
    }

    /** Where the Hub answers which branches and tags there are. */
    public URI refs(URI endpoint) {
        return WebAddress.below(endpoint, "api/" + kind.plural + "/" + id + "/refs");
    }

    /** Where the Hub answers what else its owner has; none has no owner. */
    public Optional<URI> ownersListing(URI endpoint) {
        return id.contains("/")
                ? Optional.of(URI.create(WebAddress.below(endpoint, "api/" + kind.plural) + "?limit=200&author="
                        + id.substring(0, id.indexOf('/'))))
                : Optional.empty();
    }

    /** Where the Hub gives out a file. */
    public URI file(URI endpoint, String commit, String name) {
        return WebAddress.below(endpoint, kind.prefix + id + "/resolve/" + commit + "/" + name);
    }

    /** Its page for people. */
    public URI page(URI endpoint) {
        return WebAddress.below(endpoint, kind.prefix + id);
    }

    /** As {@code the model org/name}. */
    public String inWords() {
        return "the " + kind.inWords + " " + this;
    }

    /** As it stands in a configuration file. */
    @Override
    public String toString() {
        return revision.equals("main") ? id : id + "@" + revision;
    }
}
