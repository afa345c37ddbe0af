package io.sparkqa.evaluate;

import io.sparkqa.squad.PythonText;
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
        return text.isEmpty()
                ? EMPTY
                : new AnswerText(PythonText.split(withoutArticles(withoutPunctuation(PythonText.lower(text)))));
    }

    /** Returns the gold answers that predictions are compared with: those that have words, or else an empty one. */
    static List<AnswerText> gold(List<String> texts) {
        List<AnswerText> gold = texts.stream()
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
        if (words.isEmpty() || gold.words.isEmpty()) {
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

    private static String withoutPunctuation(String text) {
        StringBuilder kept = new StringBuilder(text.length());
        for (int i = 0; i < text.length(); i++) {
            if (!isPunctuation(text.charAt(i))) {
                kept.append(text.charAt(i));
            }
        }
        return kept.toString();
    }

    /** Replaces each word "a", "an" and "the" with a space. */
    private static String withoutArticles(String text) {
        StringBuilder kept = new StringBuilder(text.length());
        for (int from = 0; from < text.length(); ) {
            int to = from;
            while (to < text.length() && PythonText.isWordCharacter(text.codePointAt(to))) {
                to = text.offsetByCodePoints(to, 1);
            }
            if (to == from) {
                to = text.offsetByCodePoints(from, 1);
                kept.append(text, from, to);
            } else {
                String word = text.substring(from, to);
                kept.append(ARTICLES.contains(word) ? " " : word);
            }
            from = to;
        }
        return kept.toString();
    }

    private static boolean isPunctuation(char c) {
        return (c >= '!' && c <= '/') || (c >= ':' && c <= '@') || (c >= '[' && c <= '`') || (c >= '{' && c <= '~');
    }
}
