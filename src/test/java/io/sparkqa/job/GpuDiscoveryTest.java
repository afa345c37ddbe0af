package io.sparkqa.job;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The addresses that jobs/gpu-discovery gives Spark. */
class GpuDiscoveryTest {
    private static final ObjectMapper JSON = new ObjectMapper();

    @TempDir
    private Path folder;

    @ParameterizedTest(name = "{0}")
    @CsvSource(
            delimiter = '|',
            nullValues = "none",
            value = {
                "3              | 0",
                "4,7            | 0 1",
                "GPU-8f2,MIG-a1 | 0 1",
                "1,-1,2         | 0",
                "NoDevFiles     | none",
                "-1             | none"
            })
    void gpusAreNumberedAsAProcessSeesThem(String visible, String addresses) throws Exception {
        assertThat(addresses(Map.of("CUDA_VISIBLE_DEVICES", visible)))
                .containsExactlyElementsOf(addresses == null ? List.of() : List.of(addresses.split(" ")));
    }

    @Test
    void anEmptyChoiceMeansNoGpu() throws Exception {
        assertThat(addresses(Map.of("CUDA_VISIBLE_DEVICES", ""))).isEmpty();
    }

    @Test
    void withoutAChoiceAllGpusOfTheMachineAreListed() throws Exception {
        Path smi = Files.writeString(folder.resolve("nvidia-smi"), "#!/bin/sh\nprintf '0\\n1\\n2\\n'\n");
        assertThat(smi.toFile().setExecutable(true)).isTrue();

        assertThat(addresses(Map.of("PATH", folder + ":/usr/bin:/bin"))).containsExactly("0", "1", "2");
    }

    @Test
    void aDriverThatDoesNotRespondMeansNoGpu() throws Exception {
        Path smi = Files.writeString(folder.resolve("nvidia-smi"), "#!/bin/sh\necho 'NVIDIA-SMI has failed'\nexit 9\n");
        assertThat(smi.toFile().setExecutable(true)).isTrue();

        assertThat(addresses(Map.of("PATH", folder + ":/usr/bin:/bin"))).isEmpty();
    }

    private static List<String> addresses(Map<String, String> environment) throws IOException, InterruptedException {
        ProcessBuilder builder = new ProcessBuilder("jobs/gpu-discovery");
        builder.environment().remove("CUDA_VISIBLE_DEVICES");
        builder.environment().putAll(environment);
        Process process = builder.start();
        JsonNode found = JSON.readTree(process.getInputStream());
        assertThat(process.waitFor()).isZero();
        assertThat(found.path("name").asText()).isEqualTo("gpu");
        return JSON.convertValue(found.path("addresses"), new TypeReference<>() {});
    }
}
