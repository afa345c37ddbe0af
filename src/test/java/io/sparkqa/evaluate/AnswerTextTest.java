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
    void casePunctuationArticlesAndSpacingDoNotCount(String text, String words) {
        assertThat(normalized(text)).isEqualTo(words);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "the", "...", " An \u3000 a!", "\u001c\u0085\u00a0\u2028"})
    void aTextWithoutWordsHasNoAnswer(String text) {
        assertThat(normalized(text)).isEmpty();
    }

    @Test
    void aDottedCapitalIBecomesTwoCharacters() {
        assertThat(normalized("İzmir")).isEqualTo("i\u0307zmir");
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
    void aSigmaIsFinalAtTheEndOfAWordOnly(String text, String words) {
        assertThat(normalized(text)).isEqualTo(words);
    }

    @Test
    void anArticleUnderACombiningMarkIsRemovedWithoutTheMark() {
        assertThat(normalized("a\u0301 b")).isEqualTo("\u0301 b");
    }

    @ParameterizedTest
    @ValueSource(strings = {"x\u200by", "x\ufeffy", "x\u2014y", "x\ud835\udc00y"})
    void charactersThatPythonDoesNotSplitOrStripStay(String text) {
        assertThat(normalized(text)).isEqualTo(text);
    }

    @Test
    void f1CountsARepeatedWordAsOftenAsBothHaveIt() {
        // precision 2/3, recall 2/2
        assertThat(f1("very good", "very very good")).isCloseTo(0.8, within(1e-15));
    }

    @Test
    void f1OfTwoEmptyTextsIs1AndOfOneEmptyTextIs0() {
        assertThat(f1("", "the")).isEqualTo(1);
        assertThat(f1("", "cat")).isEqualTo(0);
        assertThat(f1("cat", "dog")).isEqualTo(0);
    }

    private static String normalized(String text) {
        return String.join(" ", AnswerText.of(text).words());
    }

    private static double f1(String gold, String prediction) {
        return AnswerText.of(prediction).f1(AnswerText.of(gold));
    }
}
