package io.sparkqa.job;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.sparkqa.Difference;
import io.sparkqa.References;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;

/** Compares with what the official evaluation script wrote and printed for the same command line. */
@Tag("reference")
class OfficialScriptReferenceTest {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final TypeReference<LinkedHashMap<String, Double>> METRICS = new TypeReference<>() {};

    @TempDir
    Path made;

    @TestFactory
    Stream<DynamicTest> everyCaseEndsAsItDoesWithTheOfficialScript() {
        return References.list(References.reference("eval"), "case-").stream()
                .map(folder -> DynamicTest.dynamicTest(folder.getFileName().toString(), () -> check(folder)));
    }

    private void check(Path folder) throws IOException {
        JsonNode described = JSON.readTree(folder.resolve("case.json").toFile());
        Path metrics = made.resolve(folder.getFileName() + ".json");
        ByteArrayOutputStream printed = new ByteArrayOutputStream();
        PrintStream out = new PrintStream(printed, true, StandardCharsets.UTF_8);

        int code = new OfficialScript().run(out, System.err, commandLine(folder, described, metrics));

        assertThat(code).isEqualTo(described.get("exit_code").asInt());
        Path stdout = folder.resolve("stdout.txt");
        assertThat(printed.toString(StandardCharsets.UTF_8).lines())
                .isEqualTo(Files.exists(stdout) ? Files.readAllLines(stdout) : List.of());
        if (code == 0) {
            Map<String, Double> expected =
                    JSON.readValue(folder.resolve("expected.json").toFile(), METRICS);
            Map<String, Double> actual = JSON.readValue(metrics.toFile(), METRICS);
            assertThat(actual.keySet()).containsExactlyElementsOf(expected.keySet());
            try (Difference metric = new Difference(folder.getFileName() + ", metrics in percent", 1e-9)) {
                expected.forEach((key, value) -> metric.absolute(actual.get(key), value));
            }
        }
    }

    private String[] commandLine(Path folder, JsonNode described, Path metrics) {
        String name = described.get("data").asText();
        Path data = name.endsWith(".json") ? folder.resolve(name) : References.dataSet(name);
        List<String> line = new ArrayList<>(
                List.of(data.toString(), folder.resolve("predictions.json").toString(), "-o", metrics.toString()));
        for (JsonNode flag : described.get("flags")) {
            String word = flag.asText();
            if (word.equals("<image folder>")) {
                word = made.resolve("images").toString();
            }
            line.add(word.endsWith(".json") ? folder.resolve(word).toString() : word);
        }
        return line.toArray(String[]::new);
    }
}
