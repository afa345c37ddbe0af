package io.sparkqa.report;

import io.sparkqa.evaluate.AnswerScore;
import java.util.BitSet;
import java.util.List;

/** Chooses which questions of a large data set the page shows one by one: errors before right answers. */
public final class Choice {
    private Choice() {}

    /**
     * Returns the places of the chosen questions: all if there are no more than {@code most}, or else errors of any of the
     * runs, spread evenly over the data set, and right answers for a tenth of the room or as much as is left.
     *
     * @param runs each run's scores of the same questions in the same order
     */
    public static BitSet of(List<List<AnswerScore>> runs, int most) {
        int size = runs.get(0).size();
        BitSet chosen = new BitSet(size);
        if (size <= most) {
            chosen.set(0, size);
            return chosen;
        }
        BitSet errors = new BitSet(size);
        for (List<AnswerScore> scores : runs) {
            for (int i = 0; i < size; i++) {
                if (scores.get(i).prediction().exact() < 1) {
                    errors.set(i);
                }
            }
        }
        BitSet right = new BitSet(size);
        right.set(0, size);
        right.andNot(errors);
        int forRight = Math.min(right.cardinality(), Math.max(most / 10, most - errors.cardinality()));
        spread(errors, most - forRight, chosen);
        spread(right, forRight, chosen);
        return chosen;
    }

    /** Adds {@code most} of the candidates, evenly spaced, or all if there are fewer. */
    private static void spread(BitSet candidates, int most, BitSet chosen) {
        long size = candidates.cardinality();
        long place = 0;
        for (int i = candidates.nextSetBit(0); i >= 0; i = candidates.nextSetBit(i + 1), place++) {
            if (size <= most || (place + 1) * most / size > place * most / size) {
                chosen.set(i);
            }
        }
    }
}
