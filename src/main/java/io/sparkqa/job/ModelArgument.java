package io.sparkqa.job;

import io.sparkqa.config.Experiment;
import io.sparkqa.config.ExperimentReader;
import io.sparkqa.config.Printable;
import io.sparkqa.config.UserError;
import io.sparkqa.config.WrongUse;
import io.sparkqa.run.CompletedOutputs;
import io.sparkqa.run.Inputs;
import io.sparkqa.run.RunFolder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * The fine-tuned model that a command line names: by the configuration file of its run, or by its folder.
 *
 * @param experiment the settings
 * @param folder the model's folder
 */
record ModelArgument(Experiment experiment, Path folder) {
    static final String LABEL = "CONF|MODEL_FOLDER";
    static final String DESCRIPTION =
            "Configuration file of an experiment, or a folder with config.json, tokenizer and weights.";

    /**
     * Reads the settings and finds the model: that of the run, else {@code model.from}.
     *
     * @throws UserError if there is no model yet
     */
    static ModelArgument read(Path confOrFolder, List<String> overrides) {
        if (Files.isDirectory(confOrFolder)) {
            return new ModelArgument(settings(confOrFolder, overrides), confOrFolder);
        }
        Experiment experiment = ExperimentReader.read(confOrFolder, overrides);
        return new ModelArgument(experiment, folder(confOrFolder, experiment));
    }

    private static Experiment settings(Path modelFolder, List<String> overrides) {
        Map<String, String> settings = new TreeMap<>();
        for (String override : overrides) {
            int equals = override.indexOf('=');
            if (equals < 0) {
                throw new WrongUse("%s: neither key=value nor an option".formatted(Printable.of(override)));
            }
            settings.put(override.substring(0, equals), override.substring(equals + 1));
        }
        return ExperimentReader.ofModelFolder(modelFolder, settings);
    }

    private static Path folder(Path conf, Experiment experiment) {
        RunFolder folder = RunFolder.of(experiment);
        if (new CompletedOutputs(folder).contains(folder.model())) {
            return folder.model();
        }
        return new Inputs(experiment, conf, System.getenv())
                .model()
                .orElseThrow(() -> new UserError(
                        folder.model() + ": no model there yet; run jobs/train.sh with this configuration first"));
    }
}
