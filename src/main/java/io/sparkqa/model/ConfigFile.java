package io.sparkqa.model;

import com.fasterxml.jackson.databind.JsonNode;
import io.sparkqa.config.Printable;
import io.sparkqa.config.UserError;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.stream.Collectors;

/** Reads values of a config.json and checks each of them. */
record ConfigFile(Path file, JsonNode json) {
    ModelType type() {
        return ModelType.named(json.path("model_type").asText())
                .orElseThrow(
                        () -> new UserError("%s: model_type is %s; only %s are supported: choose a RoBERTa checkpoint"
                                .formatted(
                                        file,
                                        quoted("model_type"),
                                        Arrays.stream(ModelType.values())
                                                .map(ModelType::id)
                                                .collect(Collectors.joining(", ")))));
    }

    /** Requires the only supported value of a key, which is also its default. */
    void require(String key, String value) {
        if (json.hasNonNull(key) && !value.equals(json.path(key).asText())) {
            throw new UserError("%s: %s is %s; only \"%s\" is supported: choose a RoBERTa checkpoint"
                    .formatted(file, key, quoted(key), value));
        }
    }

    int integer(String key, int defaultValue, int least, int most) {
        return (int) number(key, defaultValue, least, most, true);
    }

    double number(String key, double defaultValue, double least, double most) {
        return number(key, defaultValue, least, most, false);
    }

    private double number(String key, double defaultValue, double least, double most, boolean whole) {
        JsonNode given = json.path(key);
        if (!given.isMissingNode() && !(whole ? given.isIntegralNumber() : given.isNumber())) {
            throw wrong(key, least, most, whole);
        }
        double value = given.isMissingNode() ? defaultValue : given.asDouble();
        if (value >= least && value <= most) {
            return value;
        }
        throw wrong(key, least, most, whole);
    }

    private UserError wrong(String key, double least, double most, boolean whole) {
        String range = whole ? "%s to %s".formatted((long) least, (long) most) : "%s to %s".formatted(least, most);
        return new UserError("%s: %s is %s; it must be a %s from %s"
                .formatted(file, key, quoted(key), whole ? "whole number" : "number", range));
    }

    private String quoted(String key) {
        JsonNode value = json.path(key);
        return value.isMissingNode() ? "missing" : Printable.of(value.toString());
    }
}
