package io.sparkqa.job;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.sparkqa.SmallNetwork;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Runs the benchmark's script with a small network: it prints each row once, with its time. */
class BenchIT {
    @TempDir
    Path folder;

    @Test
    void bothPartsMakeOneTable() throws Exception {
        Script script = Script.run(
                folder,
                Map.of(),
                "bench.sh",
                "--json",
                "--steps=1",
                "data.train=" + Script.PROJECT.resolve("data/handwritten.json"),
                "model.config=" + SmallNetwork.writeConfig(folder.resolve("config.json")));
        assertThat(script.code()).as(script.err()).isZero();
        List<String> rows = new ArrayList<>();
        List<String> names = new ArrayList<>();
        for (String line : script.out().lines().toList()) {
            JsonNode row = new ObjectMapper().readTree(line);
            rows.add(row.path("what").asText());
            names.add(row.path("what").asText().replaceAll(",? [0-9].*| to windows.*|, .*", ""));
            assertThat(row.path("milliseconds").asDouble(-1)).as(line).isNotNegative();
        }
        assertThat(names)
                .startsWith("matrix product")
                .contains("train step", "decode", "the tokenizers library's pair encoding", "questions", "arrow")
                .endsWith("official metrics");
        assertThat(rows).doesNotHaveDuplicates();
    }
}
