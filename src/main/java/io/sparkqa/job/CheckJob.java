package io.sparkqa.job;

import io.sparkqa.config.UserError;
import io.sparkqa.run.StageRun;
import java.util.List;
import picocli.CommandLine.Command;

/**
 * Reports all models and data sets of the settings that are missing, before a machine without a network starts a run that
 * can't succeed.
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
