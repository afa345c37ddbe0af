package io.sparkqa.config;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The recipes under conf/ are complete: each names a model and data to fetch, and the data's addresses have checksums. */
class RecipesTest {
    @ParameterizedTest
    @ValueSource(strings = {"roberta-base", "roberta-large", "distilroberta-base", "xlm-roberta-base"})
    void aRecipeNamesItsModelAndItsData(String model) {
        Experiment experiment = ExperimentReader.read(Path.of("conf", model + "-squad2.conf"), List.of());

        assertThat(experiment.model().from().orElseThrow()).endsWith("/" + model);
        assertThat(experiment.run().dir()).contains("runs/" + model + "-squad2");
        assertThat(experiment.data().splits().values())
                .hasSize(2)
                .allMatch(address -> address.matches("https://.*\\.json#sha256=[0-9a-f]{64}"));
    }
}
