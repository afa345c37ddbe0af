package io.sparkqa.hub;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sparkqa.config.UserError;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class HubEnvironmentTest {
    @TempDir
    private Path home;

    @Test
    void withoutAnyVariableItIsTheHubAndTheCacheOfItsOwnClients() {
        Map<String, String> variables = Map.of("HOME", home.toString());

        assertThat(HubEnvironment.of(variables).endpoint()).hasToString("https://huggingface.co");
        assertThat(HubEnvironment.of(variables).token()).isEmpty();
        assertThat(HubEnvironment.cache(variables)).isEqualTo(home.resolve(".cache/huggingface/hub"));
        assertThat(HubEnvironment.isOffline(variables)).isFalse();
    }

    @ParameterizedTest
    @CsvSource({
        "HF_HUB_CACHE, ~/x, HF_HOME, /h, x",
        "HF_HOME, ~/y, XDG_CACHE_HOME, /c, y/hub",
        "XDG_CACHE_HOME, ~/z, OTHER, /o, z/huggingface/hub",
        "HUGGINGFACE_HUB_CACHE, ~/w, HF_HOME, /h, w"
    })
    void theNarrowerVariableNamesTheCache(String name, String value, String wider, String other, String cache) {
        Map<String, String> variables = Map.of("HOME", home.toString(), name, value, wider, other);

        assertThat(HubEnvironment.cache(variables)).isEqualTo(home.resolve(cache));
    }

    @Test
    void withoutAHomeTheUsersFolderIsTheSystems() {
        Path cache = Path.of(System.getProperty("user.home"), ".cache/huggingface/hub");

        assertThat(HubEnvironment.cache(Map.of())).isEqualTo(cache);
        assertThat(HubEnvironment.cache(Map.of("HOME", ""))).isEqualTo(cache);
    }

    @Test
    void theTokenIsTheVariablesOrTheFilesAndShowsInNoText() throws IOException {
        Path file = Files.writeString(home.resolve("my token"), "hf_file\n");
        Files.writeString(home.resolve("token"), "hf_home");
        Map<String, String> inHome = Map.of("HF_HOME", home.toString());
        Map<String, String> inFile = Map.of("HF_HOME", home.toString(), "HF_TOKEN_PATH", file.toString());
        Map<String, String> given = Map.of("HF_HOME", home.toString(), "HF_TOKEN", " hf_given ");

        assertThat(secret(inHome)).isEqualTo("hf_home");
        assertThat(secret(inFile)).isEqualTo("hf_file");
        assertThat(secret(given)).isEqualTo("hf_given");
        assertThat(HubEnvironment.of(given).toString()).doesNotContain("hf_given");
    }

    private static String secret(Map<String, String> variables) {
        return HubEnvironment.of(variables).token().orElseThrow().secret();
    }

    @Test
    void anImpossibleAccessTokenIsRefusedWithoutBeingShown() {
        assertThatThrownBy(() -> HubEnvironment.of(Map.of("HF_TOKEN", "hf_geheim\nX-Header: 1")))
                .isInstanceOf(UserError.class)
                .hasMessageStartingWith("HF_TOKEN: not a token")
                .hasMessageNotContaining("geheim");
    }

    @Test
    void anEndpointIsAnAddressWithoutAPassword() {
        assertThat(HubEnvironment.of(Map.of("HF_ENDPOINT", "https://mirror.example/hf/"))
                        .endpoint())
                .hasToString("https://mirror.example/hf");
        for (String wrong : new String[] {"huggingface.co", "ftp://x", "https://user:geheim@x"}) {
            assertThatThrownBy(() -> HubEnvironment.of(Map.of("HF_ENDPOINT", wrong)))
                    .isInstanceOf(UserError.class)
                    .hasMessageContaining("HF_ENDPOINT")
                    .hasMessageNotContaining("geheim");
        }
    }

    @Test
    void offlineHasTheMeaningOfTheHubsOwnClients() {
        assertThat(HubEnvironment.isOffline(Map.of("HF_HUB_OFFLINE", "1"))).isTrue();
        assertThat(HubEnvironment.isOffline(Map.of("TRANSFORMERS_OFFLINE", "yes")))
                .isTrue();
        assertThat(HubEnvironment.isOffline(Map.of("HF_HUB_OFFLINE", "0"))).isFalse();
    }
}
