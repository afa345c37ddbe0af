package io.sparkqa.hub;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sparkqa.Mutations;
import io.sparkqa.config.UserError;
import io.sparkqa.source.Source;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Finds models and data sets, in the cache and in folders of the user's own. */
class HubCacheTest {
    private static final Source MODEL = Source.model("model.from", "org/tiny");
    private static final Source SQUAD = Source.data("data.train", "org/squad");

    @TempDir
    private Path folder;

    private HubCache cache() {
        return new HubCache(folder, "run jobs/fetch.sh my.conf");
    }

    private Path file(String repository, String name, String text) throws IOException {
        Path snapshot = folder.resolve(repository).resolve("snapshots/" + TestHub.COMMIT);
        Path refs = Files.createDirectories(folder.resolve(repository).resolve("refs"));
        Files.writeString(refs.resolve("main"), TestHub.COMMIT);
        Path file = snapshot.resolve(name);
        Files.createDirectories(file.getParent());
        return Files.writeString(file, text);
    }

    private void isMissing(Source source, String... parts) {
        assertThatThrownBy(() -> cache().questions(source, "train"))
                .isInstanceOf(UserError.class)
                .satisfies(e -> assertThat(e.getMessage()).contains(parts).endsWith("; run jobs/fetch.sh my.conf"));
    }

    @Test
    void aMissingModelIsNamedWithTheCacheAndTheRemedy() throws IOException {
        assertThatThrownBy(() -> cache().model(MODEL))
                .hasMessage(
                        "org/tiny is not in the cache %s (it was never fetched); run jobs/fetch.sh my.conf", folder);
        isMissing(SQUAD, "org/squad is not in the cache");
        isMissing(Source.data("data.train", "https://h.example/a.json?key=x"), "https://h.example/a.json is not in");
    }

    @Test
    void anIncompleteModelIsRefused() throws IOException {
        String model = "models--org--tiny";
        file(model, "config.json", "{}");
        file(model, "vocab.json", "{}");
        assertThatThrownBy(() -> cache().model(MODEL)).hasMessageContaining("has no tokenizer.json, nor vocab.json");
        file(model, "merges.txt", "");
        assertThatThrownBy(() -> cache().model(MODEL)).hasMessageContaining("has no model.safetensors");
        assertThat(cache().tokenizer(MODEL)).isDirectory();
        file(model, "model.safetensors.index.json", "{\"weight_map\": {\"a\": \"model-00001-of-00002.safetensors\"}}");
        assertThatThrownBy(() -> cache().model(MODEL)).hasMessageContaining("has no model-00001-of-00002.safetensors");
        file(model, "model-00001-of-00002.safetensors", "");
        assertThat(cache().model(MODEL)).isDirectory();
    }

    @Test
    void anIndexThatNamesAFileElsewhereIsRefused() throws IOException {
        Path index = file(
                "models--org--tiny",
                "model.safetensors.index.json",
                "{\"weight_map\": {\"a\": \"../../x.safetensors\"}}");
        assertThatThrownBy(() -> ModelFiles.weights(index.getParent()))
                .isInstanceOf(UserError.class)
                .hasMessageContaining("could lead out");
    }

    @Test
    void theOnlySnapshotOfACacheWithoutRefsIsTaken() throws IOException {
        Path parquet = file("datasets--org--squad", "train.parquet", "");
        Path refs = folder.resolve("datasets--org--squad/refs");
        Files.delete(refs.resolve("main"));
        Files.delete(refs);
        assertThat(cache().questions(SQUAD, "train")).containsExactly(parquet);
        Files.createDirectories(folder.resolve("datasets--org--squad/snapshots/" + "f".repeat(40)));
        isMissing(SQUAD, "it was never fetched");
    }

    @Test
    void anyIndexOfShardsIsReadOrRefusedByName() throws Exception {
        Path index = file(
                "models--org--tiny",
                "model.safetensors.index.json",
                "{\"weight_map\": {\"a\": \"model-00001-of-00002.safetensors\", \"b\": \"x\"}}");
        Mutations.check(
                index, Files.readAllBytes(index), Mutations::json, file -> ModelFiles.weights(index.getParent()));
    }

    @Test
    void anIncompleteDataSetIsRefused() throws IOException {
        file("datasets--org--squad", "s/train-00000-of-00002.parquet", "");
        isMissing(SQUAD, "has only 1 of the 00002 parts to which s/train-00000-of-00002.parquet belongs");
    }

    @Test
    void oneOfSeveralDataSetsMustBeNamed() throws IOException {
        file("datasets--org--squad", "de/train.parquet", "");
        Path english = file("datasets--org--squad", "en/train.parquet", "");
        isMissing(SQUAD, "holds several data sets, in the folders de, en", "org/name/folder");
        assertThat(cache().questions(Source.data("data.train", "org/squad/en"), "train"))
                .containsExactly(english);
    }

    @ParameterizedTest
    @CsvSource({
        "train, squad_v2/train-00000-of-00001.parquet",
        "dev, squad_v2/validation-00000-of-00001.parquet",
        "test, squad_v2/test.parquet",
        "mine, squad_v2/validation-00000-of-00001.parquet"
    })
    void splitsAreToldByTheWordsInFileNames(String split, String file) {
        List<String> names = List.of(
                "README.md",
                "squad_v2/test.parquet",
                "squad_v2/train-00000-of-00001.parquet",
                "squad_v2/validation-00000-of-00001.parquet");
        assertThat(SplitFiles.of("x", names, split)).containsExactly(file);
    }

    @Test
    void aLocalFolderIsUsedEntirelyIfNoNameContainsASplit() throws IOException {
        Path own = Files.createDirectories(folder.resolve("own"));
        Path second = Files.createFile(own.resolve("part-2.parquet"));
        Path first = Files.createFile(own.resolve("part-1.parquet"));
        assertThat(cache().questions(new Source.Local(own), "train")).containsExactly(first, second);

        Path dev = Files.createFile(own.resolve("dev.parquet"));
        assertThat(cache().questions(new Source.Local(own), "dev")).containsExactly(dev);
        assertThatThrownBy(() -> cache().questions(new Source.Local(own), "train"))
                .hasMessageContaining(
                        "no Parquet file whose name contains a word for the split train; it has dev.parquet");
    }

    @Test
    void aFolderOfJsonStaysAFolder() throws IOException {
        Files.createFile(folder.resolve("a.json"));
        assertThat(cache().questions(new Source.Local(folder), "train")).containsExactly(folder);
    }

    @Test
    void aWebFilesFolderIsNamedAfterItsHostAndItsNameIsSafe() {
        Source.Web web = (Source.Web) Source.data("data.dev", "https://host.example:8443/a/dev.json?x=1");
        assertThat(CachedRepository.of(folder, web).folder()).matches("datasets--host\\.example-8443--[0-9a-f]{16}");
        assertThat(WebFiles.name(web)).isEqualTo("dev.json");
        assertThat(WebFiles.name((Source.Web) Source.data("data.dev", "https://host.example/a/..")))
                .isEqualTo("data");
    }
}
