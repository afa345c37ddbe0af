package io.sparkqa.demo;

import io.sparkqa.config.UserError;
import java.util.concurrent.Callable;
import picocli.CommandLine;

/** Runs a command of this package: what the user can put right is printed as its message alone. */
final class DemoCommand {
    private DemoCommand() {}

    /** The exit code: 0 done, 1 failed, 2 wrong use. */
    static int run(Callable<Integer> command, String... arguments) {
        return new CommandLine(command)
                .setCaseInsensitiveEnumValuesAllowed(true)
                .setExecutionExceptionHandler((failure, line, parsed) -> {
                    if (!(failure instanceof UserError)) {
                        throw failure;
                    }
                    line.getErr().println(failure.getMessage());
                    line.getErr().flush();
                    return CommandLine.ExitCode.SOFTWARE;
                })
                .execute(arguments);
    }
}
