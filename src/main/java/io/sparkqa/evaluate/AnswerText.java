package io.sparkqa.evaluate;

import io.sparkqa.squad.PythonText;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * The words of an answer, as SQuAD's official evaluation script compares them: in lower case, without ASCII punctuation and
 * English articles.
 *
 * @param words none if the text consists of punctuation and articles
 */
record AnswerText(List<String> words) {
    private static final AnswerText EMPTY = new AnswerText(List.of());
    private static final Set<String> ARTICLES = Set.of("a", "an", "the");

    /** Returns the words of a text. */
    static AnswerText of(String text) {
        return text.isEmpty() ? EMPTY : new AnswerText(new Words().of(PythonText.lower(text)));
    }

    /** Returns the gold answers that predictions are compared with: those that have words, or else an empty one. */
    static List<AnswerText> gold(List<String> texts) {
        List<AnswerText> gold = texts.stream()
                .distinct()
                .map(AnswerText::of)
                .filter(text -> !text.words.isEmpty())
                .toList();
        return gold.isEmpty() ? List.of(EMPTY) : gold;
    }

    /** Returns 1 if both texts have the same words, else 0. */
    double exact(AnswerText gold) {
        return words.equals(gold.words) ? 1 : 0;
    }

    /** Returns the harmonic mean of precision and recall of this prediction's words, counted with repetition: 0 … 1. */
    double f1(AnswerText gold) {
        if (words.isEmpty() || gold.words.isEmpty() || words.equals(gold.words)) {
            return exact(gold);
        }
        Map<String, Integer> unmatched = new HashMap<>();
        gold.words.forEach(word -> unmatched.merge(word, 1, Integer::sum));
        int same = 0;
        for (String word : words) {
            if (unmatched.merge(word, -1, Integer::sum) >= 0) {
                same++;
            }
        }
        if (same == 0) {
            return 0;
        }
        double precision = 1.0 * same / words.size();
        double recall = 1.0 * same / gold.words.size();
        return 2 * precision * recall / (precision + recall);
    }

    private static boolean isPunctuation(int c) {
        return (c >= '!' && c <= '/') || (c >= ':' && c <= '@') || (c >= '[' && c <= '`') || (c >= '{' && c <= '~');
    }

    /** Splits a text into words in one pass. */
    private static final class Words {
        private final List<String> words = new ArrayList<>();
        private final StringBuilder word = new StringBuilder();

        /** Where the letters and digits at the end of the word begin. They are dropped if they are an article. */
        private int letters;

        /** Returns the words of a text in lower case. */
        List<String> of(String text) {
            for (int i = 0; i < text.length(); ) {
                int c = text.codePointAt(i);
                i += Character.charCount(c);
                if (PythonText.isWordCharacter(c) && c != '_') {
                    word.appendCodePoint(c);
                } else if (!isPunctuation(c)) {
                    endLetters();
                    if (PythonText.isWhiteSpace(c)) {
                        endWord();
                    } else {
                        word.appendCodePoint(c);
                        letters = word.length();
                    }
                }
            }
            endLetters();
            endWord();
            return words;
        }

        /** Replaces the letters at the end of the word with a space if they are an article. */
        private void endLetters() {
            int length = word.length() - letters;
            if (length >= 1 && length <= 3 && ARTICLES.contains(word.substring(letters))) {
                word.setLength(letters);
                endWord();
            }
        }

        private void endWord() {
            if (!word.isEmpty()) {
                words.add(word.toString());
            }
            word.setLength(0);
            letters = 0;
        }
    }
}
