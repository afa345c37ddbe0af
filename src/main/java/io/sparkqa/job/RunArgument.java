package io.sparkqa.job;

import io.sparkqa.config.Experiment;
import io.sparkqa.config.ExperimentReader;
import io.sparkqa.config.UserError;
import io.sparkqa.run.RunFolder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/** Reads the settings of a run that the command line names: by its configuration file, or by its run folder. */
final class RunArgument {
    private RunArgument() {}

    /** Returns the settings; a run folder stands for those that it was made with. */
    static Experiment read(Path confOrFolder, List<String> overrides) {
        if (!Files.isDirectory(confOrFolder)) {
            return ExperimentReader.read(confOrFolder, overrides);
        }
        Path settings = new RunFolder(confOrFolder).experimentConf();
        if (!Files.exists(settings)) {
            throw new UserError(
                    "%s: not a run folder, since it has no %s; give a run's folder or its configuration file"
                            .formatted(confOrFolder, settings.getFileName()));
        }
        return ExperimentReader.read(
                settings,
                Stream.concat(Stream.of("run.dir=" + confOrFolder), overrides.stream())
                        .toList());
    }
}
