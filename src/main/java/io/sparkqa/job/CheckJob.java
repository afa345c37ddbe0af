package io.sparkqa.job;

import io.sparkqa.config.Experiment;
import io.sparkqa.config.UserError;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import picocli.CommandLine.Command;

/**
 * Names what the settings point to and is not there, all at once, before a machine without a network begins a run that it
 * could not end.
 */
@Command(
        name = "check",
        description = "Checks that spark-qa is built and that the data and the model of the settings are there.")
public final class CheckJob extends Stage {
    public static void main(String[] arguments) {
        System.exit(new CheckJob().run(arguments));
    }

    @Override
    protected boolean recordsSettings() {
        return false;
    }

    @Override
    protected void work(StageRun run) {
        Map<String, String> inputs = inputs(run.experiment());
        List<String> missing = inputs.entrySet().stream()
                .filter(input -> !Files.exists(Path.of(input.getValue())))
                .map(input -> input.getKey() + " = " + input.getValue())
                .collect(Collectors.toList());
        if (!missing.isEmpty()) {
            throw new UserError(
                    "not there: %s (working directory: %s); bring it where all nodes see it, from a machine with a network, or correct the path"
                            .formatted(String.join(", ", missing), Path.of("").toAbsolutePath()));
        }
        run.say("check: all there: " + String.join(", ", inputs.values()));
    }

    /** The paths that the settings name, by key. */
    private static Map<String, String> inputs(Experiment experiment) {
        Map<String, String> inputs = new TreeMap<>();
        experiment.data().train().ifPresent(path -> inputs.put("data.train", path));
        experiment.data().dev().ifPresent(path -> inputs.put("data.dev", path));
        experiment.data().more().forEach((name, path) -> inputs.put("data.more." + name, path));
        experiment.model().from().ifPresent(path -> inputs.put("model.from", path));
        experiment.model().config().ifPresent(path -> inputs.put("model.config", path));
        experiment.model().tokenizer().ifPresent(path -> inputs.put("model.tokenizer", path));
        return inputs;
    }
}
