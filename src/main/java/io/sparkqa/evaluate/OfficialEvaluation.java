package io.sparkqa.evaluate;

import io.sparkqa.config.Printable;
import io.sparkqa.config.UserError;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * SQuAD 2.0's official evaluation of a file of predictions.
 *
 * @param data a SQuAD JSON file
 * @param predictions question id → text, "" for unanswerable
 * @param nullOdds question id → null odds or probability of having no answer; if present, the best thresholds are computed
 * @param threshold questions with greater null odds count as unanswered
 * @param images folder for the precision-recall curves and histograms; needs {@code nullOdds}
 */
public record OfficialEvaluation(
        Path data, Path predictions, Optional<Path> nullOdds, double threshold, Optional<Path> images) {

    /**
     * Evaluates the predictions, and draws the images if their folder is given.
     *
     * @param out receives a line for each question without a prediction
     * @throws UserError if a question has no prediction or no null odds
     */
    public SquadMetrics run(Consumer<String> out) {
        Optional<Map<String, Double>> odds = nullOdds.map(SquadFiles::nullOdds);
        Map<String, QuestionScore> scores = scores(odds, out);
        SquadMetrics metrics = SquadMetrics.of(List.copyOf(scores.values()), threshold);
        if (odds.isEmpty()) {
            return metrics;
        }
        List<QuestionScore> inOddsOrder = odds.get().keySet().stream()
                .filter(scores::containsKey)
                .map(scores::get)
                .toList();
        SquadMetrics withBest = metrics.withBest(inOddsOrder);
        return images.flatMap(folder -> ScoreImages.draw(inOddsOrder, folder))
                .map(withBest::with)
                .orElse(withBest);
    }

    private Map<String, QuestionScore> scores(Optional<Map<String, Double>> odds, Consumer<String> out) {
        Map<String, List<String>> gold = GoldAnswers.read(data);
        Map<String, String> predicted = SquadFiles.predictions(predictions);
        requireAll(gold, predicted, out);
        Map<String, QuestionScore> scores = new LinkedHashMap<>();
        gold.forEach((id, texts) -> {
            double known = odds.map(each -> requireOdds(each, id)).orElse(0.0);
            scores.put(id, QuestionScore.of(id, texts, predicted.get(id), known));
        });
        return scores;
    }

    private double requireOdds(Map<String, Double> odds, String id) {
        if (!odds.containsKey(id)) {
            throw new UserError(
                    nullOdds.get() + " has no number for question " + Printable.of(id) + " of " + data + "; add it");
        }
        return odds.get(id);
    }

    private void requireAll(Map<String, List<String>> gold, Map<String, String> predicted, Consumer<String> out) {
        List<String> missing = new ArrayList<>(gold.keySet());
        missing.removeIf(predicted::containsKey);
        if (!missing.isEmpty()) {
            missing.forEach(id -> out.accept("Missing prediction for " + Printable.of(id)));
            throw new UserError(String.format(
                    Locale.ROOT,
                    "%s lacks %d of the %d questions of %s; add them, with \"\" for those without an answer",
                    predictions,
                    missing.size(),
                    gold.size(),
                    data));
        }
    }
}
