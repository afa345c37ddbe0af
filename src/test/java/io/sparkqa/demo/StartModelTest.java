package io.sparkqa.demo;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sparkqa.References;
import io.sparkqa.config.UserError;
import io.sparkqa.model.ModelFolder;
import io.sparkqa.model.Safetensors;
import io.sparkqa.squad.Example;
import io.sparkqa.window.PairTokenizer;
import io.sparkqa.window.QuestionTooLong;
import io.sparkqa.window.Tokens;
import io.sparkqa.window.Window;
import io.sparkqa.window.Windower;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.FloatBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Compares the start model that the build has made with a conversion of the same network by other means. */
class StartModelTest {
    private static final Path MADE = Path.of("target/start-model");
    private static final Path SOURCE = Path.of("target/all-minilm-l6-v2");

    @TempDir
    private Path folder;

    @Test
    void itsWeightsAreTheReferencesOnceRoundedToFloat16() {
        Path reference = References.miniLm();
        Map<String, Safetensors.Tensor> expected = Safetensors.read(reference.resolve("model.safetensors"));
        Map<String, Safetensors.Tensor> made = Safetensors.read(MADE.resolve("model.safetensors"));

        assertThat(made.keySet()).isEqualTo(expected.keySet());
        made.forEach((name, tensor) -> {
            FloatBuffer found = tensor.floats();
            FloatBuffer wanted = expected.get(name).floats();
            assertThat(tensor.shape()).as(name).isEqualTo(expected.get(name).shape());
            for (int i = 0; i < tensor.size(); i++) {
                if (toFloat16(found.get(i)) != wanted.get(i)) {
                    assertThat(found.get(i)).as(name + " " + i).isEqualTo(wanted.get(i));
                }
            }
        });
    }

    /** Returns the nearest float16: eleven significant bits, or a multiple of 2^-24, the smallest one; ties go to even. */
    private static float toFloat16(float value) {
        double unit = Math.max(Math.ulp(value) * 0x1p13, 0x1p-24);
        return (float) (Math.rint(value / unit) * unit);
    }

    @Test
    void itLoadsAsARobertaThatOnlyLacksTheHead() {
        ModelFolder.Weights weights = ModelFolder.read(MADE, 1);

        assertThat(weights.fresh()).containsExactly("qa_outputs.weight", "qa_outputs.bias");
        assertThat(weights.unused()).isEmpty();
        assertThat(weights.config().longestWindow()).isEqualTo(512);
    }

    @Test
    void itsTokenizerGivesTheReferencesIds() {
        List<String> sentences = List.of(
                "Who founded the Corvane Observatory in 1911?",
                "Inês Caldeira's naïve façade cost £3.50 (or 4 €), déjà vu!",
                "  Tabs\tand\nlines, UPPER and unbelievably-hyphenated words  ",
                "東京 and 🙂 emoji; a zero\u200bwidth space; İstanbul; ﬁne; e\u0301",
                "[CLS] [MASK] <s> and </s>",
                "");
        try (PairTokenizer made = PairTokenizer.open(MADE);
                PairTokenizer reference = PairTokenizer.open(References.miniLm())) {
            for (String sentence : sentences) {
                assertThat(made.encode(sentence).ids())
                        .as(sentence)
                        .isEqualTo(reference.encode(sentence).ids());
            }
            assertThat(made.pad()).isZero();
            assertThat(made.vocabularySize()).isEqualTo(30_522);
        }
    }

    @Test
    void itsWindowsHaveRobertasSpecialTokens() throws QuestionTooLong {
        try (PairTokenizer tokenizer = PairTokenizer.open(MADE)) {
            Window window = new Windower(tokenizer, 16, 0)
                    .windows(new Example(0, "id", "", "b", "a", List.of(), true))
                    .get(0);

            assertThat(window.inputIds()).containsExactly(101, 1037, 102, 102, 1038, 102);
        }
    }

    @Test
    void offsetsCountTheCodePointsOfTheTextAsItWasBeforeLowercasingAndStrippingAccents() {
        String text = "🙂 Inês e\u0301tudie\u0301 ÀB.";
        try (PairTokenizer tokenizer = PairTokenizer.open(MADE)) {
            Tokens tokens = tokenizer.encode(text);
            int last = tokens.ids().length - 1;
            assertThat(substring(text, tokens.starts()[last], tokens.ends()[last]))
                    .isEqualTo(".");
            StringBuilder covered = new StringBuilder();
            for (int i = 0; i < tokens.ids().length; i++) {
                covered.append(substring(text, tokens.starts()[i], tokens.ends()[i]));
            }
            assertThat(covered).asString().startsWith("🙂Inês").endsWith("ÀB.");
        }
    }

    private static String substring(String text, int start, int end) {
        return text.substring(text.offsetByCodePoints(0, start), text.offsetByCodePoints(0, end));
    }

    @Test
    void anExistingModelIsLeftAlone() throws IOException {
        Path kept = Files.writeString(folder.resolve("kept"), "x");

        StartModel.convert(SOURCE, folder);

        assertThat(folder).isDirectoryContaining(kept::equals).isDirectoryNotContaining("glob:**.safetensors");
    }

    @Test
    void aCutOffSourceIsRefusedAndLeavesNoModel() throws IOException {
        Path cut = Files.createDirectories(folder.resolve("cut"));
        for (String name : List.of("all-minilm-l6-v2.onnx", "all-minilm-l6-v2-tokenizer.json")) {
            Files.copy(SOURCE.resolve(name), cut.resolve(name));
        }
        try (RandomAccessFile onnx =
                new RandomAccessFile(cut.resolve("all-minilm-l6-v2.onnx").toFile(), "rw")) {
            onnx.setLength(1_000_000);
        }

        assertThatThrownBy(() -> StartModel.convert(cut, folder.resolve("model")))
                .isInstanceOf(UserError.class)
                .hasMessageContaining("all-minilm-l6-v2.onnx is not a whole ONNX file; run mvn clean package");
        assertThat(folder.resolve("model")).doesNotExist();
    }
}
