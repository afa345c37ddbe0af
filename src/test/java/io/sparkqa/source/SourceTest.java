package io.sparkqa.source;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sparkqa.config.UserError;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SourceTest {
    @TempDir
    private Path folder;

    @Test
    void anExistingPathIsAPathAndOtherNamesAreTheHubs() {
        assertThat(Source.model("model.from", folder.toString())).isEqualTo(new Source.Local(folder));
        assertThat(Source.model("model.from", "roberta-base")).isEqualTo(model("roberta-base", "main"));
        assertThat(Source.model("model.from", "FacebookAI/roberta-base@v1.0"))
                .isEqualTo(model("FacebookAI/roberta-base", "v1.0"));
        assertThat(Source.data("data.dev", folder.toString())).isEqualTo(new Source.Local(folder));
        assertThat(Source.data("data.dev", "rajpurkar/squad_v2/squad_v2@refs/convert/parquet"))
                .isEqualTo(new Source.DataSet(
                        new HubRepository(HubRepository.Kind.DATASET, "rajpurkar/squad_v2", "refs/convert/parquet"),
                        "squad_v2"));
    }

    private static Source model(String id, String revision) {
        return new Source.Model(new HubRepository(HubRepository.Kind.MODEL, id, revision));
    }

    @ParameterizedTest
    @ValueSource(strings = {"/no/such/folder", "../models/x", "models/a/b", "~/x"})
    void aModelThatIsNeitherPathNorHubNameIsRefused(String name) {
        assertThatThrownBy(() -> Source.model("model.from", name))
                .isInstanceOf(UserError.class)
                .hasMessageStartingWith(name + ": no such folder")
                .hasMessageContaining("model.from takes a folder, or the name of a model of the Hub");
    }

    @ParameterizedTest
    @ValueSource(strings = {"train.json", "my/train.json", "my/dev.json.gz", "/no/such", "squad/train.parquet"})
    void dataThatIsNeitherPathNorHubNameIsRefused(String name) {
        assertThatThrownBy(() -> Source.data("data.dev", name))
                .isInstanceOf(UserError.class)
                .hasMessageStartingWith(name + ": no such file or folder");
    }

    @Test
    void anAddressWithAPasswordOrABrokenChecksumIsRefusedWithoutBeingShown() {
        for (String wrong :
                new String[] {"https://u:geheim@host/x.json", "https://host/x.json#sha256=12", "https:///x"}) {
            assertThatThrownBy(() -> Source.data("data.train", wrong))
                    .isInstanceOf(UserError.class)
                    .hasMessageStartingWith("data.train is not an address that can be fetched")
                    .hasMessageNotContaining("geheim");
        }
    }
}
