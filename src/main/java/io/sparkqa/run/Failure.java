package io.sparkqa.run;

import ai.djl.engine.EngineException;
import io.sparkqa.config.Printable;
import io.sparkqa.config.UserError;
import io.sparkqa.torch.OutOfMemory;
import java.nio.file.InvalidPathException;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.function.Predicate;
import org.apache.commons.lang3.exception.ExceptionUtils;

/** Turns the exception that ended a stage into one message. */
public final class Failure {
    private static final String DISK_FULL = "no space left on device";

    private Failure() {}

    /** Returns the {@link UserError} in the chain of causes, since Spark wraps those of executors. */
    public static Optional<Throwable> userError(Throwable problem) {
        return find(problem, cause -> cause instanceof UserError);
    }

    /** Returns the reason for a failure, without a stack trace. */
    public static String inWords(Throwable problem) {
        Optional<Throwable> userError = userError(problem);
        if (userError.isPresent()) {
            return userError.get().getMessage();
        }
        Optional<Throwable> badName = find(problem, cause -> cause instanceof InvalidPathException);
        if (badName.isPresent()) {
            return inWords((InvalidPathException) badName.get());
        }
        if (find(problem, cause -> message(cause).toLowerCase(Locale.ROOT).contains(DISK_FULL))
                .isPresent()) {
            return "no space left on the disk of the run folder, or of Spark's scratch (spark.local.dir); incomplete"
                    + " output was removed. Free some space, or set run.dir to another folder";
        }
        if (find(problem, cause -> cause instanceof OutOfMemoryError).isPresent()) {
            return String.format(
                    Locale.ROOT,
                    "out of memory with %,d MB; set more on the command line, such as spark.driver.memory=4g",
                    Runtime.getRuntime().maxMemory() >> 20);
        }
        Optional<OutOfMemory> tensors = find(
                        problem, cause -> cause instanceof EngineException || cause instanceof OutOfMemory)
                .flatMap(cause -> OutOfMemory.of((RuntimeException) cause));
        if (tensors.isPresent()) {
            return "the device's memory does not hold the network (%s); free memory that other processes hold, or use another device"
                    .formatted(tensors.get().getMessage());
        }
        Throwable root = ExceptionUtils.getRootCause(problem);
        return "failed: " + (root == null ? problem : root).getClass().getSimpleName() + ": "
                + Printable.message(firstLine(root == null ? problem : root));
    }

    /** Java decodes and encodes names as the locale says, and refuses what that can't express. */
    private static String inWords(InvalidPathException problem) {
        String name = Printable.of(problem.getInput());
        return problem.getInput().indexOf('\0') >= 0
                ? "%s: a name of a file can't contain the character NUL; correct the name".formatted(name)
                : "%s: a name that Java can't use in this locale (%s); set LC_ALL=C.UTF-8"
                        .formatted(name, System.getProperty("sun.jnu.encoding"));
    }

    private static Optional<Throwable> find(Throwable problem, Predicate<Throwable> wanted) {
        List<Throwable> chain = ExceptionUtils.getThrowableList(problem);
        return chain.stream().filter(wanted).findFirst();
    }

    private static String message(Throwable problem) {
        return String.valueOf(problem.getMessage());
    }

    private static String firstLine(Throwable problem) {
        return message(problem).lines().findFirst().orElse("");
    }
}
