package io.sparkqa.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sparkqa.Mutations;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

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
        assertThat(read("run.dir = null").run().dir()).contains("runs/mine");
        assertThat(read("run.dir = x", "run.dir=").run().dir()).contains("runs/mine");
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
    void aValueOfTheWrongTypeOrOutOfBoundsIsRefusedWithTheAllowedValues() {
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
    void anOptionOfRunQaIsRefusedWithItsSetting() {
        assertRefused("train.learning_rate = 1e-5", "run.dir=x", "run_qa.py: here it is train.lr");
        assertRefused("", "max_seq_length=384", "here it is features.max_length");
        assertRefused("", "decode.null-score-diff-threshold=1", "here it is decode.null_threshold");
        assertRefused("", "fp16=true", "there is no float16");
    }

    @Test
    void everySettingThatARunQaOptionIsSaidToBeIsDeclared() {
        List<String> known = SettingKey.all().stream().map(SettingKey::key).toList();
        Pattern setting = Pattern.compile("(?<![/\\w])(run|data|model|hub|features|train|decode)\\.[a-z_.]+[a-z]");
        RunQaFlags.meanings().values().forEach(meaning -> assertThat(
                        setting.matcher(meaning).results().map(MatchResult::group))
                .allSatisfy(key -> assertThat(known).anyMatch(one -> key.equals(one) || key.startsWith(one + "."))));
    }

    @Test
    void remoteIncludesAndHugeFilesAreRefused() throws IOException {
        assertRefused(
                "include url(\"http://127.0.0.1:1/x.conf\")", "run.dir=x", "mine.conf", "only such files are included");
        assertRefused("include \"https://127.0.0.1/x.conf\"", "run.dir=x", "mine.conf", "only such files are included");
        assertRefused("include classpath(\"reference.conf\")", "run.dir=x", "only such files are included");
        assertRefused("include \"/dev/zero\"", "run.dir=x", "is not a file");
        assertRefused("[".repeat(20_000), "run.dir=x", "mine.conf");
        assertRefused("a = ".concat("{a=".repeat(20_000)), "run.dir=x", "mine.conf");
        StringBuilder doubling = new StringBuilder("x0 = a\n");
        for (int i = 1; i < 60; i++) {
            doubling.append("x%d = ${x%d}${x%d}\n".formatted(i, i - 1, i - 1));
        }
        assertRefused(doubling.toString(), "run.dir=x", "mine.conf", "64 substitutions");
        Files.writeString(folder.resolve("other.conf"), "train.batch = 5");
        assertThat(read("include \"other.conf\"").train().batch()).isEqualTo(5);
        assertThat(read("include file(\"%s\")".formatted(folder.resolve("other.conf")))
                        .train()
                        .batch())
                .isEqualTo(5);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "x%2$d = ${x%1$d}${x%1$d}\n",
                "x0 = ${x0}${x0}\n",
                "x%2$d { a = ${x%1$d}, b = ${x%1$d} }\n",
                "x%2$d = ${x%1$d} { b = ${x%1$d} }\n",
                "\"a.b\".x%2$d = ${\"a.b\".x%1$d}${\"a.b\".x%1$d}\n"
            })
    void substitutionsThatDoubleOneAnotherAreRefusedBeforeTheyTakeMemory(String doubling) throws IOException {
        StringBuilder text = new StringBuilder("x0 = aaaaaaaaaa\n\"a.b\".x0 = aaaaaaaaaa\n");
        for (int i = 1; i < 31; i++) {
            text.append(doubling.formatted(i - 1, i));
        }
        assertRefused(text.toString(), "run.dir=x", "mine.conf", "grow beyond 10,000,000 characters");
        Files.writeString(folder.resolve("other.conf"), text);
        assertRefused("include \"other.conf\"", "run.dir=x", "mine.conf", "grow beyond 10,000,000 characters");
    }

    @Test
    void includedFilesHaveTheSameBoundsAndAreNotEndless() throws IOException {
        Files.writeString(folder.resolve("many.conf"), "a = ${run.dir}\n".repeat(65));
        assertRefused("include \"many.conf\"", "run.dir=x", "many.conf", "64 substitutions");
        assertRefused("include \"many\"", "run.dir=x", "many.conf", "64 substitutions");
        for (int i = 0; i < 40; i++) {
            Files.writeString(
                    folder.resolve(i + ".conf"),
                    "include \"%1$d.conf\"\n".formatted(i + 1).repeat(2));
        }
        assertRefused("include \"0.conf\"", "run.dir=x", "mine.conf", "more than 100 files");
    }

    @Test
    void messagesHaveTheSameDigitsInEveryLocaleAndQuoteTheBeginningOfLongValues() throws IOException {
        Locale before = Locale.getDefault();
        Locale.setDefault(Locale.forLanguageTag("ar-EG-u-nu-arab"));
        try {
            assertRefused("a = ${run.dir}\n".repeat(65), "run.dir=x", "64 substitutions");
            assertRefused("#".repeat(1_000_001), "run.dir=x", "larger than 1,000,000 bytes");
            assertRefused("t\0r\0a\0i\0n\0", "run.dir=x", "UTF-16", "must be UTF-8", "iconv");
        } finally {
            Locale.setDefault(before);
        }
        assertThatThrownBy(() -> read("train.batch = " + "9".repeat(100_000)))
                .satisfies(
                        e -> assertThat(e.getMessage()).contains("train.batch").hasSizeLessThan(400));
        assertThatThrownBy(() -> read("", "x".repeat(100_000)))
                .satisfies(e -> assertThat(e.getMessage()).contains("key=value").hasSizeLessThan(400));
    }

    @Test
    void substitutionsOfOneValueInManyAndOfAValueInItselfAreResolved() throws IOException {
        String text = "run.dir = runs/x\nrun.dir = ${run.dir}/y\nrun.dir = ${run.dir}/z\ndata.more { n = d }\n";
        StringBuilder more = new StringBuilder(text);
        for (int i = 0; i < 40; i++) {
            more.append("data.more.n%d = ${data.more.n}/%d.json\n".formatted(i, i));
        }
        Experiment experiment = read(more.toString());
        assertThat(experiment.run().dir()).contains("runs/x/y/z");
        assertThat(experiment.data().more()).containsEntry("n39", "d/39.json");
    }

    @Test
    void anyFileIsAnExperimentOrRefusedByName() throws Exception {
        byte[] valid =
                """
                run.dir = runs/x # a comment
                data { dev = "d.json", more { by-hand = ${data.dev}".x" } }
                train { lr = 3e-5, checkpoint.steps = 7, warmup = 0.1 }
                spark.executor.memory = 2g
                include "other.conf"
                """
                        .getBytes(StandardCharsets.UTF_8);
        Mutations.check(
                folder.resolve("fuzz.conf"), valid, Mutations::bytes, file -> ExperimentReader.read(file, List.of()));
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
