package io.sparkqa.evaluate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.sparkqa.References;
import io.sparkqa.config.UserError;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;

/** Compares with what the official evaluation script wrote for the same files. */
@Tag("reference")
class OfficialEvaluationReferenceTest {
    private static final ObjectMapper JSON = new ObjectMapper();

    @TempDir
    Path images;

    @TestFactory
    Stream<DynamicTest> everyCaseAgreesWithTheOfficialScript() {
        return References.list(References.reference("eval"), "case-").stream()
                .map(folder -> DynamicTest.dynamicTest(folder.getFileName().toString(), () -> check(folder)));
    }

    private void check(Path folder) throws IOException {
        JsonNode described = JSON.readTree(folder.resolve("case.json").toFile());
        List<String> flags = JSON.convertValue(described.get("flags"), new TypeReference<>() {});
        OfficialEvaluation evaluation = new OfficialEvaluation(
                data(folder, described.get("data").asText()),
                folder.resolve("predictions.json"),
                after(flags, "-n").map(folder::resolve),
                after(flags, "-t").map(Double::parseDouble).orElse(1.0),
                after(flags, "-p").map(any -> images));
        List<String> printed = new ArrayList<>();

        if (described.get("exit_code").asInt() != 0) {
            assertThatThrownBy(() -> evaluation.run(printed::add)).isInstanceOf(UserError.class);
        } else {
            Map<String, Double> expected = JSON.readValue(
                    folder.resolve("expected.json").toFile(), new TypeReference<LinkedHashMap<String, Double>>() {});
            Map<String, Double> actual = JSON.readValue(
                    evaluation.run(printed::add).toJson(), new TypeReference<LinkedHashMap<String, Double>>() {});
            assertThat(actual.keySet()).containsExactlyElementsOf(expected.keySet());
            expected.forEach((key, value) -> assertThat(actual.get(key)).as(key).isCloseTo(value, within(1e-9)));
        }
        Path stdout = folder.resolve("stdout.txt");
        // Without -o the script prints the metrics too; the references keep only what comes before them.
        assertThat(printed).isEqualTo(Files.exists(stdout) ? Files.readAllLines(stdout) : List.of());
    }

    private static Path data(Path folder, String name) {
        return name.endsWith(".json") ? folder.resolve(name) : References.dataSet(name);
    }

    private static Optional<String> after(List<String> flags, String flag) {
        int at = flags.indexOf(flag);
        return at < 0 ? Optional.empty() : Optional.of(flags.get(at + 1));
    }
}
