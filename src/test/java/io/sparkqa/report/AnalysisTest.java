package io.sparkqa.report;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.sparkqa.evaluate.AnswerScore;
import io.sparkqa.evaluate.QuestionScore;
import io.sparkqa.evaluate.SquadMetrics;
import io.sparkqa.report.Outcome.Traits;
import io.sparkqa.report.Slices.Slice;
import io.sparkqa.report.ThresholdSweep.Point;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class AnalysisTest {
    /** Returns random scores. Null odds are multiples of a quarter, so many are equal unless {@code spread} is above 0. */
    private static List<AnswerScore> scores(int size, double share, double spread) {
        Random random = new Random(7);
        List<AnswerScore> scores = new ArrayList<>();
        for (int i = 0; i < size; i++) {
            boolean hasAnswer = random.nextDouble() < share;
            double f1 = hasAnswer ? random.nextInt(4) / 3.0 : 0;
            double odds = Math.round(4 * (random.nextGaussian() + (hasAnswer ? -1 : 1))) / 4.0 + spread * i;
            QuestionScore text = new QuestionScore("q" + i, f1 == 1 ? 1 : 0, f1, hasAnswer, true, odds);
            double left = hasAnswer ? 0 : 1;
            scores.add(new AnswerScore(
                    odds > 0 ? new QuestionScore("q" + i, left, left, hasAnswer, false, odds) : text, text));
        }
        return scores;
    }

    private static ThresholdSweep sweep(List<AnswerScore> scores, double threshold) {
        return ThresholdSweep.of(
                scores.stream().sorted(AnswerScore.BY_NULL_ODDS).toList(), threshold);
    }

    @Test
    void everyPointOfTheSweepIsWhatTheOfficialMetricsGiveAtThatThreshold() {
        List<AnswerScore> scores = scores(500, 0.6, 0);
        List<QuestionScore> texts = scores.stream().map(AnswerScore::text).toList();
        ThresholdSweep sweep = sweep(scores, 0.3);
        List<Point> points = new ArrayList<>(sweep.curve());
        points.addAll(List.of(sweep.chosen(), sweep.bestExact(), sweep.bestF1()));
        for (Point point : points) {
            SquadMetrics metrics = SquadMetrics.of(texts, point.threshold());
            assertThat(point.exact()).isCloseTo(metrics.all().exact(), within(1e-9));
            assertThat(point.f1()).isCloseTo(metrics.all().f1(), within(1e-9));
            assertThat(point.answerable()).isCloseTo(metrics.hasAnswer().f1(), within(1e-9));
            assertThat(point.unanswerable()).isCloseTo(metrics.noAnswer().f1(), within(1e-9));
        }
        assertThat(sweep.chosen().threshold()).isEqualTo(0.3);
        assertThat(sweep.curve()).extracting(Point::threshold).isSorted().hasSize(201);
    }

    @Test
    void theBestOfTheSweepAreTheBestThatTheOfficialSearchFindsAmongDistinctOdds() {
        List<AnswerScore> scores = scores(500, 0.6, 1e-6);
        List<QuestionScore> texts = scores.stream().map(AnswerScore::text).toList();
        SquadMetrics metrics = SquadMetrics.of(texts, 0).withBest(texts);
        ThresholdSweep sweep = sweep(scores, 0);
        assertThat(sweep.bestF1().f1())
                .isCloseTo(metrics.best().orElseThrow().f1().score(), within(1e-9));
        assertThat(sweep.bestExact().exact())
                .isCloseTo(metrics.best().orElseThrow().exact().score(), within(1e-9));
    }

    @Test
    void aSweepOverAnswerableQuestionsOnlyOrOverOneQuestionHasItsPoints() {
        assertThat(sweep(scores(30, 1, 0), 0).curve()).allMatch(point -> Double.isNaN(point.unanswerable()));
        assertThat(sweep(scores(1, 1, 0), 0).curve()).isNotEmpty();
    }

    @Test
    void aThresholdFarFromAllNullOddsDoesNotStretchTheCurve() {
        ThresholdSweep sweep = sweep(scores(500, 0.6, 0), 1e9);
        assertThat(sweep.curve()).extracting(Point::threshold).allMatch(threshold -> Math.abs(threshold) < 10);
        assertThat(sweep.chosen().threshold()).isEqualTo(1e9);
    }

    private static Outcome outcome(String word, int answerWords, double exact, double confidence) {
        QuestionScore score = new QuestionScore("q", exact, exact, answerWords > 0, true, 0);
        return new Outcome(
                new AnswerScore(score, score), new Traits(word, "", answerWords, 100 + answerWords, 1), confidence);
    }

    @Test
    void calibrationErrorIsTheMeanGapOfConfidenceAndAccuracyOverTheBins() {
        Calibration calibration = Calibration.of(List.of(
                outcome("who", 1, 1, 0.95),
                outcome("who", 1, 0, 0.95),
                outcome("who", 1, 1, 0.25),
                outcome("who", 1, 1, Double.NaN)));
        // two questions with a gap of 0.45, one with 0.75, one without confidence
        assertThat(calibration.error()).isCloseTo((2 * 0.45 + 0.75) / 3, within(1e-12));
        assertThat(calibration.bins()).extracting(Calibration.Bin::questions).containsExactly(1, 2);
        assertThat(calibration.accuracy()).isCloseTo(2 / 3.0, within(1e-12));
    }

    @Test
    void slicesStandInTheOrderOfTheirNumbersAndWordsInThatOfTheirQuestions() {
        List<Outcome> outcomes = new ArrayList<>();
        for (int words : new int[] {12, 1, 0, 2, 5, 7}) {
            outcomes.add(outcome("other", words, 1, 0.5));
        }
        outcomes.add(outcome("who", 1, 0, 0.5));
        outcomes.add(outcome("how", 1, 1, 0.5));
        outcomes.add(outcome("how", 1, 1, 0.5));
        var slices = Slices.of(outcomes);
        assertThat(slices.get("Answer length"))
                .extracting(Slice::name)
                .containsExactly("no answer", "1 word", "2 words", "4–5 words", "6–10 words", "11+ words");
        assertThat(slices.get("Context length"))
                .extracting(Slice::name)
                .containsExactly("up to 100 words", "101 words", "102–105 words", "106–112 words");
        assertThat(slices.get("Question word")).extracting(Slice::name).containsExactly("how", "who", "other");
        Slice oneWord = slices.get("Answer length").get(1);
        assertThat(oneWord.f1()).isEqualTo(75);
        // four questions, standard deviation 0.5
        assertThat(oneWord.spread()).isCloseTo(1.96 * 100 * 0.5 / 2, within(1e-9));
        assertThat(slices).doesNotContainKey("Kind");
    }

    @Test
    void aLargeDataSetShowsErrorsBeforeRightAnswersAndBothFromAllOfIt() {
        List<AnswerScore> scores = new ArrayList<>();
        for (int i = 0; i < 1000; i++) {
            QuestionScore score = new QuestionScore("q" + i, i % 4 == 0 ? 0 : 1, 0, true, true, 0);
            scores.add(new AnswerScore(score, score));
        }
        assertThat(Choice.of(List.of(scores), 1000).cardinality()).isEqualTo(1000);
        BitSet roomy = Choice.of(List.of(scores), 400);
        assertThat(roomy.cardinality()).isEqualTo(400);
        assertThat(roomy.stream().filter(i -> i % 4 == 0).count()).isEqualTo(250);
        BitSet tight = Choice.of(List.of(scores), 100);
        assertThat(tight.cardinality()).isEqualTo(100);
        assertThat(tight.stream().filter(i -> i % 4 == 0).count()).isEqualTo(90);
        assertThat(tight.stream().filter(i -> i < 500).count()).isBetween(45L, 55L);
    }
}
