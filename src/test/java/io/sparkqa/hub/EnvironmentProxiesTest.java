package io.sparkqa.hub;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sparkqa.config.UserError;
import java.net.URI;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class EnvironmentProxiesTest {
    private static String way(Map<String, String> variables, String address) {
        return EnvironmentProxies.of(variables).inWords(URI.create(address)).orElse("direct");
    }

    @Test
    void eachSchemeHasItsProxyAndOneMayServeBoth() {
        Map<String, String> two = Map.of("HTTPS_PROXY", "http://one:3128", "http_proxy", "two:80/");
        assertThat(way(two, "https://huggingface.co/x")).isEqualTo("one:3128");
        assertThat(way(two, "http://huggingface.co/x")).isEqualTo("two:80");
        assertThat(way(Map.of("all_proxy", "http://every"), "https://x.org")).isEqualTo("every:80");
        assertThat(way(Map.of(), "https://x.org")).isEqualTo("direct");
    }

    @ParameterizedTest
    @CsvSource({
        "'example.org', direct",
        "'.example.org', direct",
        "'*.example.org', direct",
        "'a.com, hub.example.org:443', direct",
        "'hub.example.org:80', p:1",
        "'ample.org', p:1",
        "'*', direct",
        "'', p:1"
    })
    void hostsOfNoProxyAreReachedDirectly(String noProxy, String way) {
        Map<String, String> variables = Map.of("HTTPS_PROXY", "http://p:1", "NO_PROXY", noProxy);
        assertThat(way(variables, "https://hub.example.org/x")).isEqualTo(way);
    }

    @Test
    void aProxyThatCannotBeUsedIsNamedByItsVariableAlone() {
        for (String wrong : new String[] {"socks5://u:geheim@p:1", "http://u:geheim@ p"}) {
            assertThatThrownBy(() -> EnvironmentProxies.of(Map.of("HTTPS_PROXY", wrong)))
                    .isInstanceOf(UserError.class)
                    .hasMessageStartingWith("HTTPS_PROXY is not a usable proxy")
                    .hasMessageNotContaining("geheim");
        }
    }
}
