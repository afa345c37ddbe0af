package io.sparkqa.decode;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.sparkqa.config.UserError;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/**
 * The null threshold that gives a model's best F1 on labelled questions. It is kept as {@code spark_qa.json} in the model's
 * folder and used wherever the model answers questions, unless a threshold is set.
 *
 * @param model name or folder of the model
 * @param data name or file of the questions
 * @param questions number of questions
 * @param f1 F1 at the threshold, in percent
 */
public record Calibration(double nullThreshold, String model, String data, int questions, double f1) {
    /** The file's name in the model's folder. */
    public static final String FILE = "spark_qa.json";

    private static final String THRESHOLD = "null_threshold";
    private static final String SOURCE = "calibrated_on";
    private static final ObjectMapper JSON = new ObjectMapper().enable(SerializationFeature.INDENT_OUTPUT);

    /**
     * Returns the null threshold of a model's folder; empty if the folder has none.
     *
     * @throws UserError if the file can't be read or has no threshold
     */
    public static Optional<Double> thresholdIn(Path modelFolder) {
        return read(modelFolder).map(Calibration::nullThreshold);
    }

    /**
     * Returns the calibration in a folder; empty if the folder has none. Only the threshold is required, since users may
     * write such a file by hand.
     *
     * @throws UserError if the file can't be read or has no threshold
     */
    public static Optional<Calibration> read(Path folder) {
        Path file = folder.resolve(FILE);
        if (!Files.exists(file)) {
            return Optional.empty();
        }
        JsonNode root;
        try {
            root = JSON.readTree(file.toFile());
        } catch (IOException e) {
            throw new UserError(
                    file + ": can't be read as JSON; delete it, or set decode.null_threshold to a number", e);
        }
        JsonNode threshold = root.path(THRESHOLD);
        if (!threshold.isNumber() || !Double.isFinite(threshold.doubleValue())) {
            throw new UserError(
                    "%s: %s is not a number; correct or delete the file, or set decode.null_threshold to a number"
                            .formatted(file, THRESHOLD));
        }
        JsonNode source = root.path(SOURCE);
        return Optional.of(new Calibration(
                threshold.doubleValue(),
                source.path("model").asText(),
                source.path("data").asText(),
                source.path("questions").asInt(),
                source.path("f1").asDouble()));
    }

    /** Returns the contents of the file. */
    public byte[] toJson() throws IOException {
        ObjectNode root = JSON.createObjectNode();
        root.put(THRESHOLD, nullThreshold);
        root.putObject(SOURCE)
                .put("model", model)
                .put("data", data)
                .put("questions", questions)
                .put("f1", f1);
        return (JSON.writeValueAsString(root) + "\n").getBytes(StandardCharsets.UTF_8);
    }
}
