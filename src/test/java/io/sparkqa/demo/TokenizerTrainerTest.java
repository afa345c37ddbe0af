package io.sparkqa.demo;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.huggingface.tokenizers.Encoding;
import ai.djl.huggingface.tokenizers.HuggingFaceTokenizer;
import io.sparkqa.window.PairTokenizer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TokenizerTrainerTest {
    private static final List<String> TEXTS = List.of(
            "The keeper of Orvan Light was Mara Quell.",
            "Who was the keeper of Orvan Light?",
            "The keeper's lamp, lit in 1843, burned whale oil; Zoë paid £42.");

    @TempDir
    private Path folder;

    @Test
    void theTokenizersLibraryReadsWhatWasTrainedAndGivesTheTextBack() throws IOException {
        String text = "The keeper of Orvan Light paid £42 in 1843, said Zoë – 灯.";
        try (HuggingFaceTokenizer tokenizer = HuggingFaceTokenizer.newInstance(trained(TEXTS))) {
            Encoding encoding = tokenizer.encode(text);
            assertThat(encoding.getTokens())
                    .startsWith("<s>", "The", "Ġkeeper", "Ġof")
                    .endsWith("</s>");
            assertThat(tokenizer.decode(encoding.getIds(), true)).isEqualTo(text);
            assertThat(tokenizer.encode("a <mask>", false, false).getTokens()).containsExactly("a", " <mask>");
        }
    }

    @Test
    void theSpecialTokensHaveTheIdsThatRobertaGivesThem() throws IOException {
        try (PairTokenizer tokenizer = PairTokenizer.open(trained(TEXTS))) {
            assertThat(new int[] {tokenizer.bos(), tokenizer.pad(), tokenizer.eos()})
                    .containsExactly(0, 1, 2);
            assertThat(tokenizer.encode("<mask>").ids()).containsExactly(tokenizer.vocabularySize() - 1);
        }
    }

    @Test
    void theOrderOfTheTextsDoesNotMatter() throws IOException {
        List<String> reversed = Arrays.asList(TEXTS.toArray(String[]::new));
        Collections.reverse(reversed);
        assertThat(TokenizerTrainer.train(reversed, 400)).isEqualTo(TokenizerTrainer.train(TEXTS, 400));
    }

    @Test
    void theMostFrequentPairIsMergedFirstAndTheOlderTokensOfEquals() {
        BytePairs pairs = BytePairs.learn(List.of("abab abab cd cd"), 3);
        assertThat(pairs.merges())
                .containsExactly(
                        new BytePairs.Merge("a", "b"), new BytePairs.Merge("Ġ", "c"), new BytePairs.Merge("ab", "ab"));
    }

    private Path trained(List<String> texts) throws IOException {
        return Files.write(folder.resolve("tokenizer.json"), TokenizerTrainer.train(texts, 400));
    }
}
