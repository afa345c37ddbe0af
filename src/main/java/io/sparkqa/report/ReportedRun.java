package io.sparkqa.report;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * A run for the report.
 *
 * @param name name on the page
 * @param settings key to value
 * @param trainLog lines of {@code train-log.jsonl}
 * @param history lines of the run folder's history of stages
 * @param digests path to SHA-256 of the stages' inputs and outputs
 * @param published figures that the recipe's source reports
 * @param splits the evaluated splits, dev first
 */
public record ReportedRun(
        String name,
        List<String> stale,
        Map<String, String> settings,
        List<JsonNode> trainLog,
        List<JsonNode> history,
        Map<String, String> digests,
        Optional<Published> published,
        List<ReportedSplit> splits) {

    /** Figures in percent, and where they are published. */
    public record Published(Optional<Double> exact, Optional<Double> f1, Optional<String> source) {}
}
