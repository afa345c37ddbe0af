package io.sparkqa.evaluate;

import io.sparkqa.config.Reason;
import io.sparkqa.config.UserError;
import io.sparkqa.evaluate.SquadMetrics.AveragePrecision;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import org.knowm.xchart.BitmapEncoder;
import org.knowm.xchart.CategoryChart;
import org.knowm.xchart.CategoryChartBuilder;
import org.knowm.xchart.XYChart;
import org.knowm.xchart.XYChartBuilder;
import org.knowm.xchart.XYSeries.XYSeriesRenderStyle;
import org.knowm.xchart.internal.chartpart.Chart;
import org.knowm.xchart.style.markers.SeriesMarkers;

/** Draws the official script's five images as PNG: three precision-recall curves and two histograms of the null odds. */
final class ScoreImages {
    private static final int WIDTH = 640;
    private static final int HEIGHT = 480;
    private static final int BINS = 20;

    private ScoreImages() {}

    /**
     * Writes the images, replacing existing ones.
     *
     * @return the areas under the curves; empty if no question has an answer, in which case there are no curves
     */
    static Optional<AveragePrecision> draw(List<QuestionScore> scores, Path folder) {
        // Compute nodes have no display
        System.setProperty("java.awt.headless", "true");
        try {
            Files.createDirectories(folder);
            histogram(scores, true, "hasAns", folder);
            histogram(scores, false, "noAns", folder);
            if (scores.stream().noneMatch(QuestionScore::hasAnswer)) {
                return Optional.empty();
            }
            PrecisionRecall exact = PrecisionRecall.of(scores, QuestionScore::exact);
            PrecisionRecall f1 = PrecisionRecall.of(scores, QuestionScore::f1);
            PrecisionRecall oracle = PrecisionRecall.of(scores, score -> 1);
            curve(exact, "Precision-recall curve, exact match", folder.resolve("pr_exact.png"));
            curve(f1, "Precision-recall curve, F1", folder.resolve("pr_f1.png"));
            curve(oracle, "Precision-recall curve, oracle (answerable or not)", folder.resolve("pr_oracle.png"));
            return Optional.of(
                    new AveragePrecision(100.0 * exact.average(), 100.0 * f1.average(), 100.0 * oracle.average()));
        } catch (IOException e) {
            throw new UserError(folder + ": the images can't be written: " + Reason.of(e), e);
        } catch (LinkageError | InternalError e) {
            throw new UserError(
                    "-p: Java can't draw on this machine (" + e.getMessage()
                            + "); install fontconfig and any font, or leave out -p",
                    e);
        }
    }

    private static void curve(PrecisionRecall curve, String title, Path file) throws IOException {
        XYChart chart = new XYChartBuilder()
                .width(WIDTH)
                .height(HEIGHT)
                .title(title)
                .xAxisTitle("recall")
                .yAxisTitle("precision")
                .build();
        chart.getStyler()
                .setXAxisMin(0.0)
                .setXAxisMax(1.05)
                .setYAxisMin(0.0)
                .setYAxisMax(1.05)
                .setLegendVisible(false);
        chart.addSeries("precision", curve.recalls(), curve.precisions())
                .setXYSeriesRenderStyle(XYSeriesRenderStyle.StepArea)
                .setMarker(SeriesMarkers.NONE);
        write(chart, file);
    }

    private static void histogram(List<QuestionScore> scores, boolean hasAnswer, String name, Path folder)
            throws IOException {
        List<Double> odds = scores.stream()
                .filter(score -> score.hasAnswer() == hasAnswer)
                .map(QuestionScore::nullOdds)
                .toList();
        if (odds.isEmpty()) {
            return;
        }
        double[] shares = new double[BINS];
        for (double value : odds) {
            // Unlike probabilities, odds may lie outside of 0 … 1; such questions count in the total but have no bar
            if (value >= 0 && value <= 1) {
                shares[Math.min((int) (value * BINS), BINS - 1)] += 1.0 / odds.size();
            }
        }
        double[] centres =
                IntStream.range(0, BINS).mapToDouble(i -> (i + 0.5) / BINS).toArray();
        CategoryChart chart = new CategoryChartBuilder()
                .width(WIDTH)
                .height(HEIGHT)
                .title("Histogram of no-answer probability: " + name)
                .xAxisTitle("probability of no answer")
                .yAxisTitle("share of the questions")
                .build();
        chart.getStyler()
                .setAvailableSpaceFill(0.98)
                .setXAxisDecimalPattern("0.00")
                .setXAxisMaxLabelCount(BINS / 2)
                .setLegendVisible(false);
        chart.addSeries("questions", centres, shares);
        write(chart, folder.resolve("na_prob_hist_" + name + ".png"));
    }

    private static void write(Chart<?, ?> chart, Path file) throws IOException {
        try (var out = Files.newOutputStream(file)) {
            BitmapEncoder.saveBitmap(chart, out, BitmapEncoder.BitmapFormat.PNG);
        }
    }
}
