/**
 * The page that shows the results of runs: one HTML file that needs no network.
 *
 * <p>{@link io.sparkqa.report.Report} writes it from {@link io.sparkqa.report.ReportedRun}s and {@link
 * io.sparkqa.report.QuestionSet}s, without Spark or a run folder. Sums, curves and bins are computed
 * here; the page's script draws them with D3 and shows text from the data as text, never as markup.
 */
package io.sparkqa.report;
