package io.sparkqa.window;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.huggingface.tokenizers.Encoding;
import ai.djl.huggingface.tokenizers.HuggingFaceTokenizer;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.sparkqa.config.UserError;
import io.sparkqa.squad.Example;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** The expected windows are the pairs as the tokenizers library itself encodes them. */
class SpecialTokensTest {
    private static final String QUESTION = "Where was the mill?";
    private static final String CONTEXT = "😀 Ants live where the  mill was:\tRue de l'Évêque 7, ﬁne.";

    private static final String TEMPLATE =
            """
            {"type": "TemplateProcessing",
             "single": [{"Sequence": {"id": "A", "type_id": 0}}],
             "pair": [PAIR],
             "special_tokens": {"<s>": {"id": "<s>", "ids": [0], "tokens": ["<s>"]},
                                "end": {"id": "end", "ids": [2, 3], "tokens": ["</s>", "<unk>"]}}}
            """;
    private static final String A = "{\"Sequence\": {\"id\": \"A\", \"type_id\": 0}}";
    private static final String B = "{\"Sequence\": {\"id\": \"B\", \"type_id\": 1}}";
    private static final String START = "{\"SpecialToken\": {\"id\": \"<s>\", \"type_id\": 0}}";
    private static final String END = "{\"SpecialToken\": {\"id\": \"end\", \"type_id\": 0}}";

    @TempDir
    private Path folder;

    @ParameterizedTest
    @EnumSource
    void windowsAreTheLibrarysPairs(TokenizerKind kind) throws Exception {
        int size = kind.write(folder);

        assertSameAsLibrary();
        try (PairTokenizer tokenizer = PairTokenizer.open(folder)) {
            assertThat(tokenizer.vocabularySize()).isEqualTo(size);
            assertThat(tokenizer.pad()).isEqualTo(1);
        }
    }

    @Test
    void aTemplateMayHaveAnyTokensAroundItsTexts() throws Exception {
        postProcessor(TEMPLATE.replace("PAIR", String.join(",", START, START, A, END, B)));

        assertSameAsLibrary();
        assertThat(window().inputIds()).startsWith(0, 0).containsSequence(2, 3);
    }

    @Test
    void aSequenceOfPostProcessorsIsReadToItsEnd() throws Exception {
        postProcessor("{\"type\": \"Sequence\", \"processors\": [{\"type\": \"ByteLevel\", \"add_prefix_space\": false,"
                + " \"trim_offsets\": true}, " + TEMPLATE.replace("PAIR", String.join(",", START, A, START, B, END))
                + "]}");

        assertSameAsLibrary();
        assertThat(window().inputIds()).endsWith(2, 3);
    }

    @Test
    void withoutAPostProcessorTheTokensAreRobertas() throws Exception {
        TokenizerKind.BYTE_LEVEL.write(folder);
        Window roberta = window();
        postProcessor("null");

        assertThat(window().inputIds()).isEqualTo(roberta.inputIds());
        assertThat(roberta.inputIds()).startsWith(0).endsWith(2).containsSequence(2, 2);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            textBlock =
                    """
                    B, START, A     | the pair template of its post_processor has the texts "BA" instead of A, then B
                    START, A        | the pair template of its post_processor has the texts "A" instead of
                    A, START, B     | its post_processor puts no token before the question, whose place stands for "no answer"
                    """)
    void aTemplateThatCantMakeWindowsIsRefused(String pair, String message) throws IOException {
        postProcessor(TEMPLATE.replace(
                "PAIR", pair.replaceAll("\\bA\\b", A).replaceAll("\\bB\\b", B).replace("START", START)));

        assertThatThrownBy(() -> PairTokenizer.open(folder))
                .isInstanceOf(UserError.class)
                .hasMessageContaining(folder + "/tokenizer.json: " + message)
                .hasMessageContaining("set model.tokenizer to");
    }

    @Test
    void anIdBeyondTheVocabularyIsRefused() throws IOException {
        postProcessor("{\"type\": \"BertProcessing\", \"sep\": [\"</s>\", 2], \"cls\": [\"<s>\", 269]}");

        assertThatThrownBy(() -> PairTokenizer.open(folder))
                .isInstanceOf(UserError.class)
                .hasMessageContaining("its post_processor has the id 269, but the vocabulary has the ids 0 to 268");
    }

    private void assertSameAsLibrary() throws Exception {
        try (HuggingFaceTokenizer library = HuggingFaceTokenizer.newInstance(
                folder.resolve("tokenizer.json"), Map.of("truncation", "false", "padding", "false"))) {
            Encoding pair = library.encode(QUESTION, CONTEXT);
            Window window = window();
            assertThat(window.inputIds())
                    .isEqualTo(Arrays.stream(pair.getIds())
                            .mapToInt(id -> (int) id)
                            .toArray());
            for (int i = window.contextFirst(); i <= window.contextLast(); i++) {
                assertThat(pair.getSequenceIds()[i]).isEqualTo(1);
                assertThat(window.offsetStarts()[i - window.contextFirst()])
                        .isEqualTo(pair.getCharTokenSpans()[i].getStart());
                assertThat(window.offsetEnds()[i - window.contextFirst()])
                        .isEqualTo(pair.getCharTokenSpans()[i].getEnd());
            }
            assertThat(Arrays.stream(pair.getSequenceIds()).filter(id -> id == 1))
                    .hasSize(window.contextLast() - window.contextFirst() + 1);
        }
    }

    private Window window() throws QuestionTooLong {
        try (PairTokenizer tokenizer = PairTokenizer.open(folder)) {
            return new Windower(tokenizer, 200, 10)
                    .windows(new Example(0, "id", "", CONTEXT, QUESTION, List.of(), true))
                    .get(0);
        }
    }

    private void postProcessor(String json) throws IOException {
        TokenizerKind.BYTE_LEVEL.write(folder);
        ObjectMapper mapper = new ObjectMapper();
        Path file = folder.resolve("tokenizer.json");
        ObjectNode tokenizer = (ObjectNode) mapper.readTree(file.toFile());
        tokenizer.set("post_processor", mapper.readTree(json));
        Files.write(file, mapper.writeValueAsBytes(tokenizer));
    }
}
