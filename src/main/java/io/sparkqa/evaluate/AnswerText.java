package io.sparkqa.evaluate;

import io.sparkqa.squad.PythonText;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Compares the texts of answers as SQuAD's official evaluation script does: in lower case, without ASCII punctuation and
 * English articles, with words separated by single spaces.
 */
final class AnswerText {
    private AnswerText() {}

    /** Returns 1 if both texts are equal after normalisation, else 0. */
    static double exact(String gold, String prediction) {
        return normalize(gold).equals(normalize(prediction)) ? 1 : 0;
    }

    /** Returns the harmonic mean of precision and recall of the prediction's words, counted with repetition: 0 … 1. */
    static double f1(String gold, String prediction) {
        List<String> goldWords = words(gold);
        List<String> predictedWords = words(prediction);
        if (goldWords.isEmpty() || predictedWords.isEmpty()) {
            return goldWords.equals(predictedWords) ? 1 : 0;
        }
        Map<String, Integer> unmatched = new HashMap<>();
        goldWords.forEach(word -> unmatched.merge(word, 1, Integer::sum));
        int same = 0;
        for (String word : predictedWords) {
            if (unmatched.merge(word, -1, Integer::sum) >= 0) {
                same++;
            }
        }
        if (same == 0) {
            return 0;
        }
        double precision = 1.0 * same / predictedWords.size();
        double recall = 1.0 * same / goldWords.size();
        return 2 * precision * recall / (precision + recall);
    }

    /** Returns the text in the form in which it is compared; empty if it consists of punctuation and articles. */
    static String normalize(String text) {
        return String.join(" ", words(text));
    }

    private static List<String> words(String text) {
        StringBuilder unpunctuated = new StringBuilder(text.length());
        PythonText.lower(text).codePoints().filter(c -> !isPunctuation(c)).forEach(unpunctuated::appendCodePoint);
        return PythonText.split(withoutArticles(unpunctuated.toString()));
    }

    /** Replaces each word "a", "an" and "the" with a space. */
    private static String withoutArticles(String text) {
        StringBuilder kept = new StringBuilder(text.length());
        int[] points = text.codePoints().toArray();
        for (int from = 0; from < points.length; ) {
            int to = from;
            while (to < points.length && PythonText.isWordCharacter(points[to])) {
                to++;
            }
            String run = new String(points, from, to - from);
            switch (run) {
                case "" -> kept.appendCodePoint(points[to++]);
                case "a", "an", "the" -> kept.append(' ');
                default -> kept.append(run);
            }
            from = to;
        }
        return kept.toString();
    }

    private static boolean isPunctuation(int c) {
        return (c >= '!' && c <= '/') || (c >= ':' && c <= '@') || (c >= '[' && c <= '`') || (c >= '{' && c <= '~');
    }
}
