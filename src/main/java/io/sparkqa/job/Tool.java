package io.sparkqa.job;

import io.sparkqa.config.Printable;
import io.sparkqa.config.RunQaFlags;
import io.sparkqa.config.UserError;
import io.sparkqa.config.WrongUse;
import io.sparkqa.run.Failure;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.io.PrintWriter;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.Locale;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/**
 * What all commands share: {@code --help}, text in UTF-8 with English numbers, one line for an error that the user can correct,
 * and the exit code (0 done or up to date, 1 failed, 2 wrong use, 75 stopped on request). A command is a subclass with
 * picocli's {@link Command}, whose name is that of its script in {@code jobs/}.
 */
abstract class Tool implements Callable<Integer> {
    static final int DONE = 0;
    static final int FAILED = 1;
    static final int WRONG_USE = 2;
    /** Stopped on request; the same command continues. The number is that of sysexits.h for "try again". */
    static final int STOPPED = 75;

    @Option(
            names = {"-h", "--help"},
            usageHelp = true,
            description = "Show this help.")
    @SuppressWarnings("UnusedVariable") // picocli prints the help if such an option exists
    private boolean help;

    private PrintStream out = System.out;
    private PrintStream err = System.err;

    /** Does the command's work and returns the exit code. */
    abstract int execute() throws IOException;

    /** Runs the command as this process's only work and returns its exit code. */
    public int run(String... commandLine) {
        // all that is printed is English, and read by programs too: no other digits, whatever the user's locale
        Locale.setDefault(Locale.ENGLISH);
        // UTF-8 whatever the locale
        return run(
                new PrintStream(new FileOutputStream(FileDescriptor.out), true, StandardCharsets.UTF_8),
                new PrintStream(new FileOutputStream(FileDescriptor.err), true, StandardCharsets.UTF_8),
                commandLine);
    }

    final int run(PrintStream out, PrintStream err, String... commandLine) {
        this.out = out;
        this.err = err;
        return new CommandLine(this)
                .setCommandName("jobs/" + name() + ".sh")
                .setCaseInsensitiveEnumValuesAllowed(true)
                // picocli's own converter forgets what the problem with a name is
                .registerConverter(Path.class, Path::of)
                .setOut(new PrintWriter(out, true, StandardCharsets.UTF_8))
                .setErr(new PrintWriter(err, true, StandardCharsets.UTF_8))
                .setParameterExceptionHandler(this::refuse)
                .execute(commandLine);
    }

    private int refuse(CommandLine.ParameterException problem, String[] commandLine) {
        String runQa = problem instanceof CommandLine.UnmatchedArgumentException unmatched
                ? unmatched.getUnmatched().stream()
                        .flatMap(option -> RunQaFlags.meaning(option).stream()
                                .map(meaning -> "; %s is an option of run_qa.py: %s"
                                        .formatted(Printable.of(option.replaceFirst("=.*", "")), meaning)))
                        .collect(Collectors.joining())
                : "";
        String message = problem.getCause() instanceof InvalidPathException badName
                ? Failure.inWords(badName)
                : problem.getMessage() + runQa;
        err.printf("%s: %s; jobs/%s.sh --help shows the usage%n", name(), Printable.message(message), name());
        return WRONG_USE;
    }

    /** Called by picocli after it has read the command line. */
    @Override
    public final Integer call() {
        try {
            return execute();
        } catch (UserError | IOException | UncheckedIOException | InvalidPathException e) {
            err.println(name() + ": " + Printable.message(Failure.inWords(e)));
            return exitCode(e);
        }
    }

    static int exitCode(Throwable problem) {
        return problem instanceof WrongUse || problem instanceof InvalidPathException ? WRONG_USE : FAILED;
    }

    final String name() {
        return getClass().getAnnotation(Command.class).name();
    }

    final PrintStream out() {
        return out;
    }

    final PrintStream err() {
        return err;
    }
}
