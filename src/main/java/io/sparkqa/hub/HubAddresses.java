package io.sparkqa.hub;

import io.sparkqa.source.HubRepository;
import java.net.URI;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.Optional;

/** The addresses of a repository's metadata and files on a Hub. */
record HubAddresses(URI endpoint, HubRepository repository) {
    private static final int MOST_REPOSITORIES = 200;

    /** Returns the address of the revision's commit and list of files. */
    URI listing() {
        return below(api() + "/" + repository.id() + "/revision", repository.revision());
    }

    /** Returns the address of the list of branches and tags. */
    URI refs() {
        return below(api() + "/" + repository.id() + "/refs");
    }

    /** Returns the address of the list of the owner's repositories of this kind; empty if the repository has no owner. */
    Optional<URI> ownersListing() {
        String id = repository.id();
        return id.contains("/")
                ? Optional.of(URI.create(
                        below(api()) + "?limit=" + MOST_REPOSITORIES + "&author=" + id.substring(0, id.indexOf('/'))))
                : Optional.empty();
    }

    /** Returns the address of a file. */
    URI file(String commit, String name) {
        return below(pagePrefix() + repository.id() + "/resolve/" + commit + "/" + name);
    }

    /** Returns the address of the repository's page for people. */
    URI page() {
        return below(pagePrefix() + repository.id());
    }

    private String api() {
        return repository.kind() == HubRepository.Kind.MODEL ? "api/models" : "api/datasets";
    }

    private String pagePrefix() {
        return repository.kind() == HubRepository.Kind.MODEL ? "" : "datasets/";
    }

    /** Returns an address below the endpoint: a path with its slashes, then parts whose slashes are escaped. */
    private URI below(String path, String... parts) {
        StringBuilder address = new StringBuilder(endpoint.toString());
        for (String part : path.split("/", -1)) {
            address.append('/').append(escape(part));
        }
        for (String part : parts) {
            address.append('/').append(escape(part));
        }
        return URI.create(address.toString());
    }

    private static String escape(String part) {
        return URLEncoder.encode(part, StandardCharsets.UTF_8).replace("+", "%20");
    }
}
