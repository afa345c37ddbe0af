package io.sparkqa.demo;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.PriorityQueue;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Byte-level byte-pair encoding, learned from text: the most frequent pair of neighbouring tokens becomes a token, again
 * and again (Sennrich et al., arXiv 1508.07909, over the bytes of GPT-2's words).
 *
 * @param alphabet the 256 bytes as printable characters, in the order of their values
 * @param merges the pairs in the order in which they became tokens
 */
record BytePairs(List<String> alphabet, List<Merge> merges) {
    private static final int BYTES = 256;

    /** GPT-2's words: contractions, and letters, digits or signs each with the space before them. */
    private static final Pattern WORD = Pattern.compile(
            "'s|'t|'re|'ve|'m|'ll|'d| ?\\p{L}+| ?\\p{N}+| ?[^\\s\\p{L}\\p{N}]+|\\s+(?!\\S)|\\s+",
            Pattern.UNICODE_CHARACTER_CLASS);

    /** Two tokens that become one. */
    record Merge(String left, String right) {
        String token() {
            return left + right;
        }
    }

    /**
     * Learns at most so many merges; fewer if the text has no pair that occurs twice any more. Of equally frequent pairs
     * the one of the older tokens goes first, so that the same text gives the same merges always.
     */
    static BytePairs learn(Iterable<String> texts, int merges) {
        return new Learner(texts).learn(merges);
    }

    /** Every byte as a character that can be seen: itself, or one from U+0100 on where it is blank or a control. */
    private static List<String> printableBytes() {
        List<String> printable = new ArrayList<>(BYTES);
        int next = BYTES;
        for (int b = 0; b < BYTES; b++) {
            boolean itself = (b >= '!' && b <= '~') || (b >= 0xA1 && b <= 0xAC) || b >= 0xAE;
            printable.add(Character.toString(itself ? b : next++));
        }
        return printable;
    }

    /** Ids while learning: a byte's is its value, a merge's is 256 and its rank. */
    private static final class Learner {
        private static final Comparator<Candidate> MOST_FREQUENT_FIRST =
                Comparator.comparingLong(Candidate::count).reversed().thenComparingLong(Candidate::pair);

        private final List<String> tokens = printableBytes();
        private final List<Merge> merges = new ArrayList<>();
        private final List<int[]> words = new ArrayList<>();
        private final List<Long> wordCounts = new ArrayList<>();
        private final Map<Long, Long> pairCounts = new HashMap<>();
        private final Map<Long, Set<Integer>> wordsOfPair = new HashMap<>();
        private final PriorityQueue<Candidate> candidates = new PriorityQueue<>(MOST_FREQUENT_FIRST);

        /** A pair and its count when it was queued, which is out of date if it has changed since. */
        private record Candidate(long pair, long count) {}

        private Learner(Iterable<String> texts) {
            Map<String, Long> counts = new HashMap<>();
            for (String text : texts) {
                Matcher word = WORD.matcher(text);
                while (word.find()) {
                    counts.merge(word.group(), 1L, Long::sum);
                }
            }
            counts.forEach((word, count) -> {
                byte[] bytes = word.getBytes(StandardCharsets.UTF_8);
                int[] ids = new int[bytes.length];
                for (int i = 0; i < ids.length; i++) {
                    ids[i] = Byte.toUnsignedInt(bytes[i]);
                }
                words.add(ids);
                wordCounts.add(count);
                count(words.size() - 1, ids, +1);
            });
            pairCounts.keySet().forEach(this::queue);
        }

        private BytePairs learn(int wanted) {
            List<String> alphabet = List.copyOf(tokens);
            while (merges.size() < wanted && !candidates.isEmpty()) {
                Candidate best = candidates.remove();
                if (best.count() == pairCounts.getOrDefault(best.pair(), 0L)) {
                    merge(best.pair());
                }
            }
            return new BytePairs(alphabet, List.copyOf(merges));
        }

        private void merge(long pair) {
            int left = (int) (pair >>> Integer.SIZE);
            int right = (int) pair;
            int merged = tokens.size();
            Merge merge = new Merge(tokens.get(left), tokens.get(right));
            merges.add(merge);
            tokens.add(merge.token());
            Set<Long> changed = new HashSet<>();
            for (int word : wordsOfPair.remove(pair)) {
                int[] before = words.get(word);
                int[] after = replaced(before, left, right, merged);
                changed.addAll(count(word, before, -1));
                changed.addAll(count(word, after, +1));
                words.set(word, after);
            }
            changed.forEach(this::queue);
        }

        private static int[] replaced(int[] ids, int left, int right, int merged) {
            int[] replaced = new int[ids.length];
            int length = 0;
            for (int i = 0; i < ids.length; i++) {
                boolean here = ids[i] == left && i + 1 < ids.length && ids[i + 1] == right;
                replaced[length++] = here ? merged : ids[i];
                i += here ? 1 : 0;
            }
            return Arrays.copyOf(replaced, length);
        }

        /** Adds a word's pairs to the counts, or takes them away, and tells which they are. */
        private Set<Long> count(int word, int[] ids, int sign) {
            Set<Long> pairs = new HashSet<>();
            for (int i = 0; i + 1 < ids.length; i++) {
                long pair = ((long) ids[i] << Integer.SIZE) | ids[i + 1];
                pairs.add(pair);
                pairCounts.merge(pair, sign * wordCounts.get(word), Long::sum);
                if (sign > 0) {
                    wordsOfPair.computeIfAbsent(pair, none -> new HashSet<>()).add(word);
                }
            }
            return pairs;
        }

        private void queue(long pair) {
            long count = pairCounts.get(pair);
            if (count > 1) {
                candidates.add(new Candidate(pair, count));
            }
        }
    }
}
