package io.sparkqa.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ExperimentReaderTest {
    @TempDir
    Path folder;

    private Path conf(String text) throws IOException {
        return Files.writeString(folder.resolve("mine.conf"), text);
    }

    private Experiment read(String text, String... overrides) throws IOException {
        return ExperimentReader.read(conf(text), List.of(overrides));
    }

    private void assertRefused(String text, String override, String... words) {
        assertThatThrownBy(() -> read(text, override))
                .isInstanceOf(WrongUse.class)
                .hasMessageContainingAll(words);
    }

    @Test
    void anEmptyFileGivesTheDefaultsAndARunFolderNamedAfterIt() throws IOException {
        Experiment experiment = read("");
        assertThat(experiment.run().dir()).contains("runs/mine");
        assertThat(experiment.features().maxLength()).isEqualTo(384);
        assertThat(experiment.train().lr()).isEqualTo(3e-5);
        assertThat(experiment.train().dtype()).isEqualTo(Experiment.Dtype.AUTO);
        assertThat(experiment.train().checkpoint().steps()).isEqualTo(500);
        assertThat(experiment.model().from()).isEmpty();
    }

    @Test
    void overridesWinOverTheFileAndTheLastOneWins() throws IOException {
        Experiment experiment = read("train { batch = 8, dtype = Float32 }", "train.batch=4", "train.batch=2");
        assertThat(experiment.train().batch()).isEqualTo(2);
        assertThat(experiment.train().dtype()).isEqualTo(Experiment.Dtype.FLOAT32);
    }

    @Test
    void anEmptyValueUnsets() throws IOException {
        Experiment experiment = read("model.from = data/model, train.batch = 8", "model.from=", "train.batch=");
        assertThat(experiment.model().from()).isEmpty();
        assertThat(experiment.train().batch()).isEqualTo(16);
    }

    @Test
    void sparkSettingsMayHaveKeysThatArePrefixesOfOthers() throws IOException {
        Experiment experiment = read("spark.speculation.multiplier = 1.5", "spark.speculation=true");
        assertThat(experiment.spark())
                .containsEntry("speculation.multiplier", "1.5")
                .containsEntry("speculation", "true");
    }

    @Test
    void furtherSetsAreReadByName() throws IOException {
        Experiment experiment = read("data { dev = d.json, more { by-hand = \"my set.json\" } }");
        assertThat(experiment.data().evaluated())
                .containsEntry("dev", "d.json")
                .containsEntry("by-hand", "my set.json");
    }

    @Test
    void anUnknownKeyIsRefusedWithTheNearestKnownOneAndItsPlace() {
        assertRefused("\ntrain.warmpup = 0.1", "train.batch=1", "mine.conf:2", "train.warmpup", "train.warmup?");
        assertRefused("", "max_length=12", "command line", "features.max_length?");
    }

    @Test
    void aValueOfTheWrongTypeOrOutOfBoundsIsRefusedWithWhatIsAllowed() {
        assertRefused("train.batch = none", "run.dir=x", "mine.conf:1", "train.batch = \"none\"", "a whole number");
        assertRefused("", "features.max_length=7", "command line", "a whole number, at least 8");
        assertRefused("", "train.warmup=1.5", "a number from 0 to 1");
        assertRefused("", "train.lr=NaN", "train.lr");
        assertRefused("", "train.dtype=half", "auto or float32 or bfloat16");
        assertRefused("train = 3", "run.dir=x", "unknown setting train");
        assertRefused("train.batch = [1, 2]", "run.dir=x", "train.batch is a list");
        assertRefused("", "data.more.train=x.json", "data.more.train", "must match");
    }

    @Test
    void allProblemsAreNamedAtOnce() {
        assertRefused(
                "train.batch = 0\ntrain.clop = 1", "decode.n_best=x", "mine.conf:1", "mine.conf:2", "decode.n_best");
    }

    @Test
    void aMissingFileAndBrokenSyntaxAreRefusedInOneMessage() {
        assertThatThrownBy(() -> ExperimentReader.read(folder.resolve("none.conf"), List.of()))
                .isInstanceOf(WrongUse.class)
                .hasMessageContaining("none.conf: no such configuration file");
        assertRefused("train {\nbatch = ", "run.dir=x", "mine.conf", "not a configuration file in HOCON");
        assertRefused("data.dev = ${nowhere}", "run.dir=x", "nowhere");
        assertRefused("", "train.batch", "\"train.batch\" is not key=value");
    }

    @Test
    void pathsMayStartFromTheProjectsFolder() throws IOException {
        assertThat(read("data.dev = ${SPARKQA_HOME}/data/dev.json").data().dev().orElseThrow())
                .endsWith("/data/dev.json");
    }

    @Test
    void theResolvedSettingsReadBackToTheSameExperiment() throws IOException {
        Experiment experiment = read(
                "spark.speculation.multiplier = 1.5, train.lr = 3e-4, data.more.a-b = \"x \\\"y\\\".json\"",
                "spark.speculation=true",
                "train.max_steps=7");
        assertThat(read(ResolvedSettings.hocon(experiment))).isEqualTo(experiment);
    }

    @Test
    void secretsOfSparkAreNotWritten() throws IOException {
        assertThat(ResolvedSettings.hocon(read("", "spark.authenticate.secret=abc")))
                .doesNotContain("abc");
    }
}
