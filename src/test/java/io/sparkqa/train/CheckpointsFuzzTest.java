package io.sparkqa.train;

import static org.assertj.core.api.Assertions.assertThat;

import io.sparkqa.Mutations;
import io.sparkqa.config.UserError;
import io.sparkqa.files.Checksum;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Damaged checkpoints and logs are read, or refused with a message that says what is wrong; nothing is deleted. */
class CheckpointsFuzzTest {
    private static final Map<String, String> SETTINGS = Map.of("train.lr", "1e-4", "train.seed", "42");
    private static final Checkpoints.Position POSITION = new Checkpoints.Position(4, 0, 4, false);

    @TempDir
    Path folder;

    private final List<String> warnings = new ArrayList<>();

    @Test
    void mutatedDigestsMatchTheFilesOrAreNamedAsDamage() throws Exception {
        Path digests = snapshot().resolve("SHA256SUMS");
        byte[] valid = Files.readAllBytes(digests);
        Mutations.check(digests, valid, Mutations::bytes, file -> {
            boolean whole = newest().isPresent();
            assertThat(whole).isEqualTo(Arrays.equals(Files.readAllBytes(file), valid));
        });
    }

    @Test
    void mutatedStatesAreThoseOfThisRunOrNamed() throws Exception {
        Path state = snapshot().resolve("state.json");
        byte[] weights = Files.readAllBytes(state.resolveSibling("model.safetensors"));
        Mutations.check(state, Files.readAllBytes(state), Mutations::json, file -> {
            Files.writeString(
                    file.resolveSibling("SHA256SUMS"),
                    "%s  model.safetensors\n%s  state.json\n"
                            .formatted(
                                    Checksum.sha256().add(weights).hex(),
                                    Checksum.sha256().add(file).hex()));
            try {
                newest().ifPresent(snapshot -> assertThat(snapshot.position()).isEqualTo(POSITION));
            } catch (UserError e) {
                assertThat(e.getMessage())
                        .contains("step-0000004", "--force")
                        .hasSizeLessThan(4000)
                        .doesNotContainPattern("\\p{Cntrl}");
            }
        });
    }

    @Test
    void mutatedLogsKeepTheirWholeLines() throws Exception {
        Path file = folder.resolve("train-log.jsonl");
        String valid =
                "{\"event\":\"evaluation\",\"step\":0,\"dev\":{\"f1\":50.5}}\n{\"event\":\"step\",\"step\":4,\"loss\":1.5}\n";
        Mutations.check(file, valid.getBytes(StandardCharsets.UTF_8), Mutations::bytes, mutated -> {
            TrainingLog log = new TrainingLog(mutated);
            log.evaluations().forEach(line -> line.get("step").asLong());
            log.cutAfter(3);
            assertThat(log.lines())
                    .allSatisfy(line -> assertThat(line.get("step").asLong()).isLessThan(4));
        });
    }

    private Optional<Checkpoints.Snapshot> newest() throws IOException {
        warnings.clear();
        Optional<Checkpoints.Snapshot> snapshot = checkpoints().newest(step -> POSITION);
        assertThat(folder.resolve("step-0000004")).exists();
        assertThat(warnings).allSatisfy(warning -> assertThat(warning)
                .contains("step-0000004 is damaged")
                .hasSizeLessThan(4000)
                .doesNotContainPattern("\\p{Cntrl}"));
        return snapshot;
    }

    private Checkpoints checkpoints() {
        return new Checkpoints(folder, 1, SETTINGS, warnings::add);
    }

    private Path snapshot() throws IOException {
        return checkpoints()
                .save(POSITION, staging -> Files.writeString(staging.resolve(Checkpoints.WEIGHTS), "weights"));
    }
}
