package io.sparkqa.run;

import io.sparkqa.config.Experiment;
import io.sparkqa.config.NullThreshold;
import io.sparkqa.config.UserError;
import io.sparkqa.decode.Calibration;
import java.nio.file.Path;
import java.util.Optional;

/** Chooses the null threshold with which a model answers questions. */
public final class ThresholdInUse {
    private ThresholdInUse() {}

    /**
     * Returns the value of {@code decode.null_threshold}. If it is {@code auto}, returns the threshold that decode found on
     * dev; if it is not set, the threshold saved with the model, else 0.
     *
     * @param model folder of the model
     * @throws UserError if the threshold is {@code auto} and decode has not found it yet for this model
     */
    public static double of(Experiment experiment, Path model) {
        Optional<NullThreshold> setting = experiment.decode().nullThreshold();
        if (setting.isEmpty()) {
            return Calibration.thresholdIn(model).orElse(0.0);
        }
        return setting.get().number().orElseGet(() -> calibrated(experiment, model));
    }

    /** Returns the threshold found on dev. For a model that the run has not trained, it is kept in the run folder. */
    private static double calibrated(Experiment experiment, Path model) {
        RunFolder folder = RunFolder.of(experiment);
        Path place = model.equals(folder.model()) ? model : folder.root();
        return Calibration.read(place)
                .filter(calibration -> !place.equals(folder.root())
                        || (calibration.model().equals(experiment.model().from().orElse(""))
                                && new CompletedOutputs(folder).agrees(folder.logits("dev"), model)))
                .map(Calibration::nullThreshold)
                .orElseThrow(() -> new UserError(
                        "decode.null_threshold = auto: no threshold was found for %s yet; run jobs/decode.sh with this configuration first, or set a number"
                                .formatted(model)));
    }
}
