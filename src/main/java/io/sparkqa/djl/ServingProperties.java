package io.sparkqa.djl;

import io.sparkqa.config.Experiment;
import io.sparkqa.config.ExperimentReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;

/**
 * The file {@code serving.properties} of a model folder. It tells DJL the engine and the classes that load the folder, and the
 * settings with which questions are answered, under their names in a configuration file.
 */
public final class ServingProperties {
    /** The file's name, which DJL determines. */
    public static final String FILE = "serving.properties";

    private ServingProperties() {}

    /** Writes the file into a model folder. */
    public static void write(Path modelFolder, Experiment experiment) throws IOException {
        Files.writeString(
                modelFolder.resolve(FILE),
                """
                engine=PyTorch
                option.hasParameter=false
                blockFactory=%s
                translatorFactory=%s
                features.max_length=%s
                features.stride=%s
                decode.n_best=%s
                decode.max_answer_length=%s
                """
                        .formatted(
                                SpanBlockFactory.class.getName(),
                                AnswerTranslatorFactory.class.getName(),
                                experiment.features().maxLength(),
                                experiment.features().stride(),
                                experiment.decode().nBest(),
                                experiment.decode().maxAnswerLength()));
    }

    /**
     * Returns the settings among DJL's arguments of a model, which are the file's and those of the {@code Criteria}.
     *
     * @throws io.sparkqa.config.WrongUse if a setting is unknown or wrong
     */
    static Experiment settings(Path modelFolder, Map<String, ?> arguments) {
        Map<String, String> settings = new TreeMap<>();
        arguments.forEach((name, value) -> {
            if (name.matches("(features|decode|train)\\..*")) {
                settings.put(name, value.toString());
            }
        });
        return ExperimentReader.ofModelFolder(modelFolder, settings);
    }
}
