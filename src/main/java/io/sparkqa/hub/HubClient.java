package io.sparkqa.hub;

import com.fasterxml.jackson.core.JacksonException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.sparkqa.config.NearestName;
import io.sparkqa.config.UserError;
import io.sparkqa.source.HubRepository;
import io.sparkqa.source.SafeName;
import io.sparkqa.source.WebAddress;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.http.HttpResponse;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Asks the Hub what it has: the commit and files of a repository, and a file's size and checksum. */
final class HubClient {
    private static final ObjectMapper JSON = new ObjectMapper();

    /** No list of files is longer. */
    private static final int MOST_BYTES = 32 << 20;

    /** What is asked for most here, for misspelt names. */
    private static final List<String> KNOWN_MODELS = List.of(
            "FacebookAI/roberta-base",
            "FacebookAI/roberta-large",
            "distilbert/distilroberta-base",
            "deepset/roberta-base-squad2",
            "deepset/roberta-large-squad2",
            "deepset/tinyroberta-squad2");

    private static final List<String> KNOWN_DATA_SETS = List.of("rajpurkar/squad", "rajpurkar/squad_v2");

    /** What a revision is: its commit, and the paths of its files. */
    record Listing(String commit, List<String> names) {}

    private final HubEnvironment environment;
    private final Requests requests;

    HubClient(HubEnvironment environment, Requests requests) {
        this.environment = environment;
        this.requests = requests;
    }

    /**
     * The commit and files of a revision.
     *
     * @throws UserError if there is no such repository or revision, or it is not given to this user
     */
    Listing listing(HubRepository repository) throws InterruptedException {
        URI address = repository.listing(environment.endpoint());
        JsonNode json = requests.patience(address).until(() -> {
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
            throw new UserError("%s: the answer names no commit; is %s a Hub? See HF_ENDPOINT"
                    .formatted(WebAddress.inWords(address), endpoint));
        }
        return new Listing(commit, names);
    }

    private static JsonNode parse(URI address, InputStream body) throws IOException {
        byte[] bytes = body.readNBytes(MOST_BYTES + 1);
        if (bytes.length > MOST_BYTES) {
            throw new UserError("%s: the answer is longer than %,d bytes, so it is not read"
                    .formatted(WebAddress.inWords(address), MOST_BYTES));
        }
        try {
            return JSON.readTree(bytes);
        } catch (JacksonException e) {
            throw new UserError(
                    "%s: the answer is not JSON: %s; is that a Hub? See HF_ENDPOINT"
                            .formatted(WebAddress.inWords(address), e.getOriginalMessage()),
                    e);
        }
    }

    /** A repository of the same owner, or a revision, with nearly the same name; none if the Hub does not tell. */
    private Optional<String> nearest(HubRepository repository, HttpResponse<?> answer) throws InterruptedException {
        if (answer.headers().firstValue("X-Error-Code").orElse("").equals("RevisionNotFound")) {
            List<String> revisions = new ArrayList<>();
            JsonNode refs = ask(repository.refs(environment.endpoint()));
            refs.path("branches").forEach(ref -> revisions.add(ref.path("name").asText()));
            refs.path("tags").forEach(ref -> revisions.add(ref.path("name").asText()));
            return NearestName.of(repository.revision(), revisions);
        }
        boolean model = repository.kind() == HubRepository.Kind.MODEL;
        List<String> names = new ArrayList<>(model ? KNOWN_MODELS : KNOWN_DATA_SETS);
        repository.ownersListing(environment.endpoint()).ifPresent(address -> ask(address)
                .forEach(one -> names.add(one.path("id").asText())));
        names.remove(repository.id());
        return NearestName.of(repository.id(), names);
    }

    /** What is good to know, but not worth waiting for. */
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
     * What a file is.
     *
     * @throws UserError if the Hub does not give it out, or does not announce its size and ETag
     */
    RemoteFile file(HubRepository repository, String commit, String name) throws InterruptedException {
        URI address = repository.file(environment.endpoint(), commit, name);
        return requests.patience(address).until(() -> {
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
                throw new UserError("%s: the answer announces neither ETag nor size as the Hub's do; see HF_ENDPOINT"
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
