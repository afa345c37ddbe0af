package io.sparkqa.job;

import io.sparkqa.config.UserError;
import io.sparkqa.run.StageRun;
import io.sparkqa.torch.Hardware;
import java.util.List;
import picocli.CommandLine.Command;

/**
 * Reports all models and data sets of the settings that are missing, and a GPU that can't be used, so that a machine without a
 * network does not start a run that can't succeed.
 */
@Command(
        name = "check",
        description =
                "Checks that spark-qa is built and that the settings' data and model are on this machine, and names the device.")
public final class CheckJob extends Stage {
    public static void main(String[] arguments) {
        System.exit(new CheckJob().run(arguments));
    }

    @Override
    protected boolean recordsSettings() {
        return false;
    }

    @Override
    protected boolean loadsNatives() {
        return false;
    }

    @Override
    protected void work(StageRun run) {
        List<String> missing = run.inputs().missing();
        if (!missing.isEmpty()) {
            throw new UserError(String.join("\n", missing));
        }
        run.say("check: data and model are on this machine");
        run.say("check: " + Hardware.inWords(run.experiment().train().device()));
    }
}
