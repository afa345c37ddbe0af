package io.sparkqa.evaluate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class AnswerTextTest {
    @ParameterizedTest
    @CsvSource({
        "'The Normans', normans",
        "'  a  b\tc ', b c",
        "'U.S.-led', usled",
        "'an apple, the pear', apple pear",
        "'the_end', theend",
        "'theatre and another', theatre and another"
    })
    void case_punctuation_articles_and_spacing_do_not_count(String text, String normalized) {
        assertThat(AnswerText.normalize(text)).isEqualTo(normalized);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "the", "...", " An \u3000 a!", "\u001c\u0085\u00a0\u2028"})
    void a_text_without_words_is_nothing(String text) {
        assertThat(AnswerText.normalize(text)).isEmpty();
    }

    @Test
    void a_dotted_capital_I_becomes_two_characters() {
        assertThat(AnswerText.normalize("İzmir")).isEqualTo("i\u0307zmir");
    }

    @ParameterizedTest
    @CsvSource({
        "ΟΔΟΣ, οδος",
        "ΟΔΟΣ ΣΑΣ, οδος σας",
        "ΟΔΟΣ\u0301., οδος\u0301",
        "Σ, σ",
        "ΑΣ\u2019Α, ασ\u2019α",
        "ΑΣ1, ας1"
    })
    void a_sigma_is_final_at_the_end_of_a_word_only(String text, String normalized) {
        assertThat(AnswerText.normalize(text)).isEqualTo(normalized);
    }

    @Test
    void an_article_under_a_combining_mark_goes_and_leaves_the_mark() {
        assertThat(AnswerText.normalize("a\u0301 b")).isEqualTo("\u0301 b");
    }

    @ParameterizedTest
    @ValueSource(strings = {"x\u200by", "x\ufeffy", "x\u2014y", "x\ud835\udc00y"})
    void what_python_does_not_split_or_strip_stays(String text) {
        assertThat(AnswerText.normalize(text)).isEqualTo(text);
    }

    @Test
    void f1_counts_a_repeated_word_as_often_as_both_have_it() {
        // precision 2/3, recall 2/2
        assertThat(AnswerText.f1("very good", "very very good")).isCloseTo(0.8, within(1e-15));
    }

    @Test
    void f1_of_nothing_with_nothing_is_1_and_with_something_0() {
        assertThat(AnswerText.f1("", "the")).isEqualTo(1);
        assertThat(AnswerText.f1("", "cat")).isEqualTo(0);
        assertThat(AnswerText.f1("cat", "dog")).isEqualTo(0);
    }
}
