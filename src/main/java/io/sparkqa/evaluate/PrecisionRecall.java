package io.sparkqa.evaluate;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.function.ToDoubleFunction;

/**
 * The precision-recall curve of answering ever more questions, the surest first, as SQuAD's official script draws it.
 *
 * @param recalls 0 … 1, ascending, beginning with 0
 * @param precisions 0 … 1, one per recall, beginning with 1
 * @param average area under the steps, 0 … 1
 */
public record PrecisionRecall(List<Double> recalls, List<Double> precisions, double average) {

    /**
     * Walks through the questions by null odds; those of equal odds are one step.
     *
     * @param score how right the answer to an answerable question is, 0 … 1
     */
    public static PrecisionRecall of(List<QuestionScore> scores, ToDoubleFunction<QuestionScore> score) {
        long positives = scores.stream().filter(QuestionScore::hasAnswer).count();
        List<QuestionScore> surestFirst = byNullOdds(scores);
        List<Double> recalls = new ArrayList<>(List.of(0.0));
        List<Double> precisions = new ArrayList<>(List.of(1.0));
        double truePositives = 0;
        double average = 0;
        double lastRecall = 0;
        for (int i = 0; i < surestFirst.size(); i++) {
            QuestionScore each = surestFirst.get(i);
            if (each.hasAnswer()) {
                truePositives += score.applyAsDouble(each);
            }
            boolean stepEnds = i == surestFirst.size() - 1
                    || each.nullOdds() != surestFirst.get(i + 1).nullOdds();
            if (stepEnds) {
                double precision = truePositives / (i + 1);
                double recall = truePositives / positives;
                average += precision * (recall - lastRecall);
                precisions.add(precision);
                recalls.add(recall);
                lastRecall = recall;
            }
        }
        return new PrecisionRecall(recalls, precisions, average);
    }

    /** Ascending and stable: the given order decides among equal odds. */
    static List<QuestionScore> byNullOdds(List<QuestionScore> scores) {
        // Adding 0 makes -0.0 equal to 0.0, which Java would order otherwise.
        return scores.stream()
                .sorted(Comparator.comparingDouble(score -> score.nullOdds() + 0.0))
                .toList();
    }
}
