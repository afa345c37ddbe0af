package io.sparkqa.job;

import io.sparkqa.config.UserError;
import io.sparkqa.run.StageRun;
import java.util.List;
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
        List<String> missing = run.inputs().missing();
        if (!missing.isEmpty()) {
            throw new UserError(String.join("\n", missing));
        }
        run.say("check: data and model are there");
    }
}
