package io.sparkqa.hub;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sparkqa.Mutations;
import io.sparkqa.config.UserError;
import io.sparkqa.source.Source;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.ZoneOffset;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Fetches from a Hub on loopback that behaves or misbehaves. */
class FetchTest {
    private static final RetryPolicy.Limits HASTY =
            new RetryPolicy.Limits(4, Duration.ofMillis(10), Duration.ofSeconds(20));
    private static final String MODEL = "models/org/tiny";
    private static final byte[] WEIGHTS = weights(300_000);

    @TempDir
    private Path folder;

    private TestHub hub;
    private final Map<String, String> variables = new HashMap<>();

    @BeforeEach
    void aHubWithAModel() throws IOException {
        hub = TestHub.start()
                .put(MODEL, "config.json", "{\"model_type\": \"roberta\"}")
                .put(MODEL, "vocab.json", "{}")
                .put(MODEL, "merges.txt", "#version: 0.2\n")
                .put(MODEL, "model.safetensors", WEIGHTS)
                .put(MODEL, "README.md", "---\nlicense: mit\n---\n")
                .put(MODEL, "pytorch_model.bin", "a pickle");
        variables.put("HF_ENDPOINT", hub.endpoint());
        variables.put("HF_HOME", folder.toString());
    }

    @AfterEach
    void close() {
        hub.close();
    }

    private static byte[] weights(int size) {
        byte[] bytes = new byte[size];
        new Random(size).nextBytes(bytes);
        return bytes;
    }

    private Fetch.Result fetch(Source source, String split) throws IOException, InterruptedException {
        return fetch(HASTY, false, new Fetch.Wanted(source, split, true));
    }

    private Fetch.Result fetch(RetryPolicy.Limits limits, boolean again, Fetch.Wanted... wanted)
            throws IOException, InterruptedException {
        return new Fetch(HubEnvironment.of(variables), HubEnvironment.cache(variables), again, limits)
                .fetch(List.of(wanted));
    }

    private Fetch.Result fetchModel() throws IOException, InterruptedException {
        return fetch(Source.model("model.from", "org/tiny"), "");
    }

    private void isRefused(String name, String... parts) {
        assertThatThrownBy(() -> fetch(Source.model("model.from", name), ""))
                .isInstanceOf(UserError.class)
                .satisfies(e -> assertThat(e.getMessage()).contains(parts).doesNotContain("geheim", "\n"));
    }

    private Path repository() {
        return folder.resolve("hub/models--org--tiny");
    }

    private Path snapshot() {
        return repository().resolve("snapshots").resolve(TestHub.COMMIT);
    }

    @Test
    void aModelHasTheCacheLayoutOfTheHubsOwnClients() throws Exception {
        Fetch.Result result = fetchModel();

        assertThat(result.files()).isEqualTo(5);
        assertThat(result.folders()).containsExactly(snapshot());
        assertThat(repository().resolve("refs/main")).hasContent(TestHub.COMMIT);
        assertThat(Files.readSymbolicLink(snapshot().resolve("model.safetensors")))
                .isEqualTo(Path.of("../../blobs", TestHub.sha256(WEIGHTS)));
        assertThat(snapshot().resolve("model.safetensors")).hasBinaryContent(WEIGHTS);
        assertThat(Files.readSymbolicLink(snapshot().resolve("vocab.json")))
                .isEqualTo(Path.of("../../blobs", TestHub.git("{}".getBytes(StandardCharsets.UTF_8))));
        try (Stream<Path> blobs = Files.list(repository().resolve("blobs"))) {
            assertThat(blobs).hasSize(5);
        }
        assertThat(snapshot().resolve("README.md")).exists();
        assertThat(snapshot().resolve("pytorch_model.bin")).doesNotExist();
        assertThat(new HubCache(folder.resolve("hub"), "").model(Source.model("model.from", "org/tiny")))
                .isEqualTo(snapshot());
    }

    @Test
    void aBrokenListingIsRefusedByNameAndLeadsNowhere() throws Exception {
        byte[] listing =
                """
                {"sha": "%s", "siblings": [{"rfilename": "config.json"}, {"rfilename": "vocab.json"},
                 {"rfilename": "merges.txt"}, {"rfilename": "model.safetensors"}, {"rfilename": "README.md"}]}
                """
                        .formatted(TestHub.COMMIT)
                        .getBytes(StandardCharsets.UTF_8);
        Path answer = folder.resolve("listing.json");
        hub.instead(
                Integer.MAX_VALUE,
                "GET",
                "/revision/main",
                exchange -> TestHub.bytes(exchange, Files.readAllBytes(answer)));
        RetryPolicy.Limits once = new RetryPolicy.Limits(1, Duration.ofMillis(1), Duration.ofSeconds(20));
        Fetch.Wanted model = new Fetch.Wanted(Source.model("model.from", "org/tiny"), "", true);
        Mutations.check(answer, listing, Mutations::json, file -> {
            try {
                fetch(once, true, model);
            } catch (UserError e) {
                assertThat(e.getMessage()).containsAnyOf("org/tiny", hub.endpoint());
            }
        });
        try (Stream<Path> made = Files.list(folder)) {
            assertThat(made).containsExactlyInAnyOrder(answer, folder.resolve("hub"));
        }
        try (Stream<Path> made = Files.list(folder.resolve("hub"))) {
            assertThat(made.map(path -> path.getFileName().toString()))
                    .allMatch(name -> name.equals("models--org--tiny") || name.startsWith("."));
        }
    }

    @Test
    void aSecondFetchAsksForNoFileAgainUnlessItMust() throws Exception {
        fetchModel();
        hub.requests().clear();

        assertThat(fetchModel()).isEqualTo(new Fetch.Result(0, 0, 5, List.of(snapshot())));
        assertThat(hub.requests())
                .extracting(TestHub.Request::path)
                .containsExactly("/api/models/org/tiny/revision/main");

        Fetch.Wanted model = new Fetch.Wanted(Source.model("model.from", "org/tiny"), "", true);
        assertThat(fetch(HASTY, true, model).files()).isEqualTo(5);
    }

    @Test
    void filesFetchedByAnotherClientAreUsed() throws Exception {
        Files.createDirectories(repository().resolve("blobs"));
        Files.write(repository().resolve("blobs/" + TestHub.sha256(WEIGHTS)), WEIGHTS);

        fetchModel();

        assertThat(hub.downloads("model.safetensors")).isEmpty();
        assertThat(snapshot().resolve("model.safetensors")).hasBinaryContent(WEIGHTS);
    }

    @Test
    void aRevisionIsRequestedByItsNameAndStoredAsARef() throws Exception {
        fetch(Source.model("model.from", "org/tiny@refs/pr/1"), "");

        assertThat(hub.requests().get(0).path()).isEqualTo("/api/models/org/tiny/revision/refs/pr/1");
        assertThat(repository().resolve("refs/refs/pr/1")).hasContent(TestHub.COMMIT);
    }

    @Test
    void aShardedModelIsFetchedWithItsIndex() throws Exception {
        String model = "models/org/shards";
        hub.put(model, "config.json", "{}").put(model, "tokenizer.json", "{}");
        hub.put(model, "model-00001-of-00002.safetensors", weights(2000));
        hub.put(model, "model-00002-of-00002.safetensors", weights(3000));
        hub.put(
                model,
                "model.safetensors.index.json",
                "{\"weight_map\": {\"a\": \"model-00001-of-00002.safetensors\", \"b\": \"model-00002-of-00002.safetensors\"}}");

        Fetch.Result result = fetch(Source.model("model.from", "org/shards"), "");

        assertThat(result.files()).isEqualTo(5);
        assertThat(ModelFiles.weights(result.folders().get(0))).hasSize(2).allMatch(Files::exists);
    }

    @Test
    void onlyTheParquetFilesOfADataSetsSplitsAreFetched() throws Exception {
        String set = "datasets/org/squad";
        hub.put(set, "squad/train-00000-of-00002.parquet", weights(2000));
        hub.put(set, "squad/train-00001-of-00002.parquet", weights(2500));
        hub.put(set, "squad/validation-00000-of-00001.parquet", "small")
                .put(set, "squad/test-00000-of-00001.parquet", "x");
        Source source = Source.data("data.train", "org/squad");

        Fetch.Result result =
                fetch(HASTY, false, new Fetch.Wanted(source, "train", true), new Fetch.Wanted(source, "dev", true));

        assertThat(result.files()).isEqualTo(3);
        assertThat(result.folders()).hasSize(1);
        Path squad = result.folders().get(0).resolve("squad");
        HubCache cache = new HubCache(folder.resolve("hub"), "");
        assertThat(cache.questions(source, "train"))
                .containsExactly(
                        squad.resolve("train-00000-of-00002.parquet"), squad.resolve("train-00001-of-00002.parquet"));
        assertThat(cache.questions(source, "dev")).containsExactly(squad.resolve("validation-00000-of-00001.parquet"));
    }

    @Test
    void aWebFileIsFoundByItsAddressAndFetchedAgainAfterAChange() throws Exception {
        hub.put("models/any/where", "dev-v2.0.json", "{\"data\": []}");
        String address = hub.endpoint() + "/any/where/resolve/" + TestHub.COMMIT + "/dev-v2.0.json";
        Source source = Source.data("data.dev", address);

        fetch(source, "dev");
        assertThat(fetch(source, "dev").present()).isEqualTo(1);
        HubCache cache = new HubCache(folder.resolve("hub"), "");
        assertThat(cache.questions(source, "dev")).singleElement().satisfies(file -> {
            assertThat(file.getFileName()).hasToString("dev-v2.0.json");
            assertThat(file).hasContent("{\"data\": []}");
        });

        hub.put("models/any/where", "dev-v2.0.json", "{\"data\": [1]}");
        assertThat(fetch(source, "dev").files()).isEqualTo(1);
        assertThat(cache.questions(source, "dev").get(0)).hasContent("{\"data\": [1]}");
    }

    @Test
    void aFileOfTheWebMustHaveTheChecksumThatItsAddressGives() throws Exception {
        byte[] text = "{\"data\": []}".getBytes(StandardCharsets.UTF_8);
        hub.put("models/any/where", "dev.json", text);
        String address = hub.endpoint() + "/any/where/resolve/" + TestHub.COMMIT + "/dev.json#sha256=";

        fetch(Source.data("data.dev", address + TestHub.sha256(text)), "dev");

        assertThatThrownBy(() -> fetch(
                        HASTY, true, new Fetch.Wanted(Source.data("data.dev", address + "0".repeat(64)), "dev", true)))
                .isInstanceOf(UserError.class)
                .hasMessageContaining("its SHA-256 is " + TestHub.sha256(text));
    }

    @Test
    void aBrokenConnectionIsResumedWhereItBroke() throws Exception {
        cutOff(2, 100_000);

        fetchModel();

        assertThat(snapshot().resolve("model.safetensors")).hasBinaryContent(WEIGHTS);
        List<Integer> from = firstBytes();
        assertThat(from).hasSize(3).startsWith(0);
        assertThat(from.get(1)).isBetween(1, 100_000);
        assertThat(from.get(2)).isBetween(from.get(1) + 1, from.get(1) + 100_000);
    }

    /** Makes the second host break off this many times, each time after this many bytes. */
    private void cutOff(int times, int after) {
        String store = hub.storeEndpoint().replace("http://", "");
        hub.insteadAt(store, times, "GET", "model.safetensors", TestHub.cutOff(WEIGHTS, after));
    }

    /** Returns the ranges that were requested from the second host; "" stands for the whole file. */
    private List<String> ranges() {
        return hub.downloads("model.safetensors").stream()
                .filter(request -> request.host().startsWith("localhost"))
                .map(request -> request.range().orElse(""))
                .toList();
    }

    /** Returns the ranges' first bytes. Bytes that were under way when a connection broke may be requested again. */
    private List<Integer> firstBytes() {
        return ranges().stream()
                .map(range -> range.isEmpty() ? 0 : Integer.parseInt(range.replaceAll("\\D", "")))
                .toList();
    }

    @Test
    void aServerThatAlwaysBreaksOffFailsTheFetchAndTheReceivedBytesAreKept() {
        cutOff(Integer.MAX_VALUE, 0);

        isRefused("org/tiny", "model.safetensors", "tried 4 times", "what was received so far is kept");
    }

    @Test
    void aServerWithoutRangesSendsTheWholeFileAgain() throws Exception {
        cutOff(1, 100_000);
        String store = hub.storeEndpoint().replace("http://", "");
        hub.insteadAt(store, 1, "GET", "model.safetensors", exchange -> {
            exchange.sendResponseHeaders(200, WEIGHTS.length);
            exchange.getResponseBody().write(WEIGHTS);
        });

        fetchModel();

        assertThat(snapshot().resolve("model.safetensors")).hasBinaryContent(WEIGHTS);
        assertThat(firstBytes()).hasSize(2).startsWith(0);
        assertThat(firstBytes().get(1)).isBetween(1, 100_000);
    }

    @Test
    void aBusyServerIsRequestedAgainAfterTheTimeThatItAsksFor() throws Exception {
        String soon = DateTimeFormatter.RFC_1123_DATE_TIME.format(
                ZonedDateTime.now(ZoneOffset.UTC).plusSeconds(1));
        hub.instead(1, "GET", "/revision/main", TestHub.status(503));
        hub.instead(1, "HEAD", "model.safetensors", TestHub.status(429, "Retry-After", "1"));
        hub.instead(1, "GET", "config.json", TestHub.status(429, "Retry-After", soon));
        hub.instead(1, "GET", "model.safetensors", TestHub.status(500));

        long start = System.nanoTime();
        fetchModel();

        assertThat(Duration.ofNanos(System.nanoTime() - start)).isGreaterThan(Duration.ofMillis(900));
        assertThat(snapshot().resolve("model.safetensors")).hasBinaryContent(WEIGHTS);
    }

    @Test
    void aServerThatAsksToWaitForHoursFailsTheFetchAtOnce() {
        hub.instead(1, "GET", "/revision/main", TestHub.status(429, "Retry-After", "7200"));

        isRefused("org/tiny", "429", "asks to wait for 120 minutes");
    }

    @Test
    void aSilentServerIsRequestedAgain() throws Exception {
        CountDownLatch over = new CountDownLatch(1);
        hub.instead(1, "GET", "model.safetensors", exchange -> {
            exchange.sendResponseHeaders(200, WEIGHTS.length);
            exchange.getResponseBody().write(WEIGHTS, 0, 1000);
            exchange.getResponseBody().flush();
            await(over);
        });

        RetryPolicy.Limits impatient = new RetryPolicy.Limits(4, Duration.ofMillis(10), Duration.ofSeconds(2));
        fetch(impatient, false, new Fetch.Wanted(Source.model("model.from", "org/tiny"), "", true));
        over.countDown();

        assertThat(snapshot().resolve("model.safetensors")).hasBinaryContent(WEIGHTS);
        assertThat(ranges()).containsExactly("bytes=1000-");
    }

    private static void await(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    @Test
    void damagedBytesAreDiscarded() throws Exception {
        byte[] wrong = weights(300_001);
        hub.instead(1, "GET", "model.safetensors", exchange -> TestHub.bytes(exchange, Arrays.copyOf(wrong, 300_000)));
        fetchModel();
        assertThat(snapshot().resolve("model.safetensors")).hasBinaryContent(WEIGHTS);

        hub.instead(2, "GET", "config.json", TestHub.text("{\"model_type\": \"robertb\"}"));
        assertThatThrownBy(() -> fetch(HASTY, true, new Fetch.Wanted(Source.model("model.from", "org/tiny"), "", true)))
                .isInstanceOf(UserError.class)
                .hasMessageContaining("config.json")
                .hasMessageContaining("git hash");
        assertThat(snapshot().resolve("config.json")).hasContent("{\"model_type\": \"roberta\"}");
    }

    @Test
    void bytesBeyondTheAnnouncedSizeAreNotAccepted() throws IOException {
        hub.instead(1, "GET", "model.safetensors", exchange -> {
            exchange.sendResponseHeaders(200, 0); // of unknown length
            exchange.getResponseBody().write(WEIGHTS);
            exchange.getResponseBody().write(1);
        });

        isRefused("org/tiny", "the server announced 300,000 bytes but sends more");
        assertNothingHalf();
    }

    @Test
    void aFileOfAnotherLengthThanAnnouncedIsRefused() throws IOException {
        hub.instead(1, "GET", "model.safetensors", exchange -> TestHub.bytes(exchange, weights(5000)));

        isRefused("org/tiny", "the server announced 300,000 bytes but sends 5,000");
        assertNothingHalf();
    }

    private void assertNothingHalf() throws IOException {
        assertThat(snapshot()).doesNotExist();
        assertThat(repository().resolve("refs/main")).doesNotExist();
        try (Stream<Path> blobs = Files.list(repository().resolve("blobs"))) {
            assertThat(blobs).noneMatch(blob -> blob.toString().contains(TestHub.sha256(WEIGHTS)));
        }
    }

    @Test
    void theTokenGoesToTheHubAndToNoOtherHost() throws Exception {
        variables.put("HF_TOKEN", "hf_geheim");

        fetchModel();

        assertThat(hub.requests()).isNotEmpty().allSatisfy(request -> assertThat(request.token())
                .isEqualTo(
                        request.host().startsWith("127.0.0.1") ? Optional.of("Bearer hf_geheim") : Optional.empty()));
        assertThat(ranges()).hasSize(1);
    }

    @Test
    void redirectsOnTheHubsOwnHostAreFollowedForAFilesSizeToo() throws Exception {
        hub.put("models/org/renamed", "config.json", "{}");
        hub.instead(
                9,
                "HEAD",
                "/org/tiny/resolve/" + TestHub.COMMIT + "/config.json",
                exchange -> TestHub.redirect(exchange, "/org/renamed/resolve/" + TestHub.COMMIT + "/config.json"));
        hub.instead(
                9,
                "GET",
                "/org/tiny/resolve/" + TestHub.COMMIT + "/config.json",
                exchange -> TestHub.redirect(exchange, "/org/renamed/resolve/" + TestHub.COMMIT + "/config.json"));

        fetchModel();

        assertThat(snapshot().resolve("config.json")).hasContent("{}");
    }

    @Test
    void redirectsInACircleEnd() {
        hub.instead(
                99,
                "GET",
                "/revision/main",
                exchange -> TestHub.redirect(exchange, "/api/models/org/tiny/revision/main"));

        isRefused("org/tiny", "more than 10 redirects");
    }

    @Test
    void aRedirectToAnythingButTheWebIsNotFollowed() {
        hub.instead(1, "GET", "/revision/main", exchange -> TestHub.redirect(exchange, "file:///etc/passwd"));

        isRefused("org/tiny", "not https");
    }

    @Test
    void aGatedModelIsReportedWithThePageThatOpensIt() {
        hub.instead(1, "GET", "/revision/main", TestHub.refuse(401, "GatedRepo"));
        isRefused("org/tiny", "gated", hub.endpoint() + "/org/tiny", "HF_TOKEN");

        variables.put("HF_TOKEN", "hf_geheim");
        hub.instead(1, "GET", "/revision/main", TestHub.refuse(403, "GatedRepo"));
        isRefused("org/tiny", "the account of your access token (HF_TOKEN) has no access");
    }

    @Test
    void aRejectedTokenIsReported() {
        variables.put("HF_TOKEN", "hf_geheim");
        hub.instead(1, "GET", "/revision/main", TestHub.status(401));

        isRefused("org/tiny", "does not accept the access token (401)");
    }

    @Test
    void aForbiddenModelIsReportedInTheHubsWords() {
        hub.instead(1, "GET", "/revision/main", TestHub.status(403, "X-Error-Message", "no rights"));

        isRefused("org/tiny", "refuses access (403): no rights", "HF_TOKEN");
    }

    @Test
    void aMisspeltNameIsAnsweredWithTheNearest() {
        hub.instead(1, "GET", "/api/models", TestHub.text("[{\"id\": \"org/tiny\"}, {\"id\": \"org/other\"}]"));
        isRefused("org/tinny", "no model org/tinny (401)", "did you mean org/tiny?", "if it is private");
        isRefused("FacebookAI/roberta-bsae", "did you mean FacebookAI/roberta-base?");
    }

    @Test
    void aMisspeltRevisionIsAnsweredWithTheNearest() {
        hub.instead(9, "GET", "/revision/mian", TestHub.refuse(404, "RevisionNotFound"));
        hub.instead(9, "GET", "/refs", TestHub.text("{\"branches\": [{\"name\": \"main\"}], \"tags\": []}"));

        isRefused("org/tiny@mian", "no revision mian", "did you mean main?");
    }

    @Test
    void namesThatLeadOutOfTheCacheAreRefused() throws IOException {
        for (String name : List.of("../../evil", "/etc/evil", "a/../../evil", "a\\\\b")) {
            hub.instead(
                    1,
                    "GET",
                    "/revision/main",
                    TestHub.text("{\"sha\": \"%s\", \"siblings\": [{\"rfilename\": \"%s\"}]}"
                            .formatted(TestHub.COMMIT, name)));
            isRefused("org/tiny", "could lead out of the cache");
        }
        hub.instead(1, "HEAD", "config.json", TestHub.status(200, "ETag", "\"../evil\"", "X-Linked-Size", "2"));
        isRefused("org/tiny", "names a blob \"../evil\"");
        hub.instead(1, "GET", "/revision/main", TestHub.text("{\"sha\": \"../../x\", \"siblings\": []}"));
        isRefused("org/tiny", "has no commit");
        try (Stream<Path> all = Files.walk(folder)) {
            assertThat(all).noneMatch(path -> path.toString().contains("evil"));
        }
    }

    @Test
    void aModelWithPicklesOnlyIsRefusedWithARemedy() {
        hub.put("models/org/old", "config.json", "{}").put("models/org/old", "pytorch_model.bin", "x");

        isRefused("org/old", "only as pytorch_model.bin", "any code", "refs/pr/1", "safe_serialization=True");
    }

    @Test
    void anAddressThatIsNotAHubIsReported() {
        hub.instead(1, "GET", "/revision/main", TestHub.text("<html>"));
        isRefused("org/tiny", "not JSON", "HF_ENDPOINT");
        hub.instead(1, "HEAD", "config.json", TestHub.status(200));
        isRefused("org/tiny", "lacks the ETag or size");
    }

    @Test
    void anUnreachableHubIsReported() {
        hub.close();

        isRefused("org/tiny", "no connection (tried 3 times)", "check that this machine has a network", "HTTPS_PROXY");
    }

    @Test
    void twoFetchesAtOnceDownloadAFileOnce() throws Exception {
        CountDownLatch first = new CountDownLatch(1);
        CountDownLatch both = new CountDownLatch(1);
        hub.instead(1, "GET", "model.safetensors", exchange -> {
            first.countDown();
            await(both);
            TestHub.bytes(exchange, WEIGHTS);
        });
        List<CompletableFuture<Fetch.Result>> fetches = new ArrayList<>();
        fetches.add(CompletableFuture.supplyAsync(this::quietly));
        first.await();
        fetches.add(CompletableFuture.supplyAsync(this::quietly));
        while (hub.requests().stream()
                        .filter(request -> request.method().equals("HEAD"))
                        .count()
                < 8) {
            Thread.sleep(10);
        }
        both.countDown();

        for (CompletableFuture<Fetch.Result> fetch : fetches) {
            assertThat(fetch.get().folders()).containsExactly(snapshot());
        }
        assertThat(hub.downloads("model.safetensors")).hasSize(1);
    }

    private Fetch.Result quietly() {
        try {
            return fetchModel();
        } catch (IOException | InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    @Test
    void requestsGoThroughTheProxyButForTheHostsThatNeedNone() throws Exception {
        variables.put("HF_ENDPOINT", "http://hub.example");
        variables.put("http_proxy", hub.endpoint());
        variables.put("NO_PROXY", "localhost");

        fetchModel();

        assertThat(hub.requests())
                .filteredOn(request -> request.host().equals("hub.example"))
                .isNotEmpty();
        assertThat(ranges()).hasSize(1);
        assertThat(snapshot().resolve("model.safetensors")).hasBinaryContent(WEIGHTS);
    }

    @Test
    void aFolderThatCannotBeWrittenIsNamed() throws IOException {
        variables.put(
                "HF_HUB_CACHE",
                Files.writeString(folder.resolve("file"), "").resolve("hub").toString());

        isRefused("org/tiny", "file/hub: the cache folder can't be created", "hub.cache");
    }
}
