package io.sparkqa.hub;

import com.fasterxml.jackson.core.JacksonException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.sparkqa.config.NearestName;
import io.sparkqa.config.Printable;
import io.sparkqa.config.UserError;
import io.sparkqa.source.HubRepository;
import io.sparkqa.source.WebAddress;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.http.HttpResponse;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/** Asks the Hub for a repository's commit and files, and for a file's size and checksum. */
final class HubClient {
    private static final ObjectMapper JSON = new ObjectMapper();

    /** Most bytes of a response that are read. */
    private static final int LONGEST_ANSWER = 32 << 20;

    /** Names to suggest instead of a misspelt one. */
    private static final List<String> KNOWN_MODELS = List.of(
            "FacebookAI/roberta-base",
            "FacebookAI/roberta-large",
            "distilbert/distilroberta-base",
            "deepset/roberta-base-squad2",
            "deepset/roberta-large-squad2",
            "deepset/tinyroberta-squad2");

    private static final List<String> KNOWN_DATA_SETS = List.of("rajpurkar/squad", "rajpurkar/squad_v2");

    /** A revision's commit and the paths of its files. */
    record Listing(String commit, List<String> names) {}

    private final HubEnvironment environment;
    private final Requests requests;

    HubClient(HubEnvironment environment, Requests requests) {
        this.environment = environment;
        this.requests = requests;
    }

    /**
     * Returns the commit and files of a revision.
     *
     * @throws UserError if there is no such repository or revision, or this user may not read it
     */
    Listing listing(HubRepository repository) throws InterruptedException {
        URI address = new HubAddresses(environment.endpoint(), repository).listing();
        JsonNode json = requests.retries(address).until(() -> {
            HttpResponse<InputStream> answer = requests.send("GET", address, 0, Requests.Redirects.ON_THE_SAME_HOST);
            try (InputStream body = requests.guarded(answer)) {
                if (answer.statusCode() != 200) {
                    throw new HubRefusal(environment, repository).of(answer, "", nearest(repository, answer));
                }
                return parse(address, body);
            }
        });
        String endpoint = environment.endpoint().toString();
        List<String> names = new ArrayList<>();
        json.path("siblings")
                .forEach(file -> names.add(SafeName.path(file.path("rfilename").asText(), endpoint)));
        String commit = json.path("sha").asText();
        if (!commit.matches("[0-9a-f]{40}")) {
            throw new UserError("%s: the answer has no commit; check that HF_ENDPOINT, now %s, is the address of a Hub"
                    .formatted(WebAddress.inWords(address), endpoint));
        }
        return new Listing(commit, names);
    }

    private static JsonNode parse(URI address, InputStream body) throws IOException {
        byte[] bytes = body.readNBytes(LONGEST_ANSWER + 1);
        if (bytes.length > LONGEST_ANSWER) {
            throw new UserError(String.format(
                    Locale.ROOT,
                    "%s: the answer is longer than %,d bytes, so it is not read; check that HF_ENDPOINT is the address of a Hub",
                    WebAddress.inWords(address),
                    LONGEST_ANSWER));
        }
        try {
            return JSON.readTree(bytes);
        } catch (JacksonException e) {
            throw new UserError(
                    "%s: the answer is not JSON: %s; check that HF_ENDPOINT is the address of a Hub"
                            .formatted(WebAddress.inWords(address), Printable.of(e.getOriginalMessage())),
                    e);
        }
    }

    /** Returns a repository of the same owner, or a revision, with a similar name; empty if the Hub lists none. */
    private Optional<String> nearest(HubRepository repository, HttpResponse<?> answer) throws InterruptedException {
        if (answer.headers().firstValue("X-Error-Code").orElse("").equals("RevisionNotFound")) {
            List<String> revisions = new ArrayList<>();
            JsonNode refs = ask(new HubAddresses(environment.endpoint(), repository).refs());
            refs.path("branches").forEach(ref -> revisions.add(ref.path("name").asText()));
            refs.path("tags").forEach(ref -> revisions.add(ref.path("name").asText()));
            return NearestName.of(repository.revision(), revisions);
        }
        boolean model = repository.kind() == HubRepository.Kind.MODEL;
        List<String> names = new ArrayList<>(model ? KNOWN_MODELS : KNOWN_DATA_SETS);
        new HubAddresses(environment.endpoint(), repository).ownersListing().ifPresent(address -> ask(address)
                .forEach(one -> names.add(one.path("id").asText())));
        names.remove(repository.id());
        return NearestName.of(repository.id(), names);
    }

    /** Requests optional JSON, without retries; returns an empty object if the request fails. */
    private JsonNode ask(URI address) {
        try {
            HttpResponse<InputStream> answer = requests.send("GET", address, 0, Requests.Redirects.ON_THE_SAME_HOST);
            try (InputStream body = requests.guarded(answer)) {
                return answer.statusCode() == 200 ? parse(address, body) : JSON.createObjectNode();
            }
        } catch (IOException | UserError e) {
            return JSON.createObjectNode();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return JSON.createObjectNode();
        }
    }

    /**
     * Returns a file's address, size and checksum.
     *
     * @throws UserError if the Hub refuses the file, or does not announce its size and ETag
     */
    RemoteFile file(HubRepository repository, String commit, String name) throws InterruptedException {
        URI address = new HubAddresses(environment.endpoint(), repository).file(commit, name);
        return requests.retries(address).until(() -> {
            HttpResponse<InputStream> answer = requests.send("HEAD", address, 0, Requests.Redirects.ON_THE_SAME_HOST);
            answer.body().close();
            if (answer.statusCode() >= 400) {
                throw new HubRefusal(environment, repository).of(answer, name, Optional.empty());
            }
            Optional<String> etag = header(answer, "X-Linked-Etag", "ETag");
            Optional<Long> size = header(answer, "X-Linked-Size", "Content-Length")
                    .filter(text -> text.matches("\\d{1,15}"))
                    .map(Long::valueOf);
            if (etag.isEmpty() || size.isEmpty()) {
                throw new UserError(
                        "%s: the answer lacks the ETag or size that a Hub announces; check that HF_ENDPOINT is the address of a Hub"
                                .formatted(WebAddress.inWords(address)));
            }
            String blob = SafeName.part(
                    etag.get().replaceFirst("^W/", "").replace("\"", ""),
                    "a blob",
                    environment.endpoint().toString());
            return new RemoteFile(name, address, size.get(), blob, Optional.empty());
        });
    }

    private static Optional<String> header(HttpResponse<?> answer, String first, String second) {
        return answer.headers().firstValue(first).or(() -> answer.headers().firstValue(second));
    }
}
