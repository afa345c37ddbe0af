package io.sparkqa.report;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The course of a training, from its log.
 *
 * @param steps columns of the log over steps, thinned out to at most 500 means; a value that a line lacks is NaN
 * @param evaluations lines of dev's evaluations, including that before the first step if there is one
 */
record Training(Map<String, List<Double>> steps, List<JsonNode> evaluations) {
    private static final int POINTS = 500;
    private static final List<String> COLUMNS = List.of(
            "step",
            "epoch",
            "loss",
            "lr",
            "grad_norm",
            "tokens_per_second",
            "share_of_peak",
            "input_wait_ms",
            "resident_mb");

    static Training of(List<JsonNode> log) {
        List<JsonNode> lines = events(log, "step");
        Map<String, List<Double>> steps = new LinkedHashMap<>();
        int size = (lines.size() + POINTS - 1) / POINTS;
        for (String column : COLUMNS) {
            if (lines.stream().anyMatch(line -> line.has(column))) {
                List<Double> values = new ArrayList<>();
                for (int from = 0; from < lines.size(); from += size) {
                    List<JsonNode> stretch = lines.subList(from, Math.min(from + size, lines.size()));
                    // Step and epoch are those at the end of the stretch, all other values are means.
                    values.add(
                            column.equals("step") || column.equals("epoch")
                                    ? stretch.get(stretch.size() - 1)
                                            .get(column)
                                            .asDouble()
                                    : stretch.stream()
                                            .filter(line -> line.has(column))
                                            .mapToDouble(
                                                    line -> line.get(column).asDouble())
                                            .average()
                                            .orElse(Double.NaN));
                }
                steps.put(column, values);
            }
        }
        return new Training(steps, events(log, "evaluation"));
    }

    private static List<JsonNode> events(List<JsonNode> log, String event) {
        return log.stream()
                .filter(line -> line.path("event").asText().equals(event))
                .toList();
    }
}
