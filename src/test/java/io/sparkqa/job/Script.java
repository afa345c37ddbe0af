package io.sparkqa.job;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** What one of the scripts under jobs/, or another command, printed, and its exit code. */
record Script(int code, String out, String err) {
    static final Path PROJECT = Path.of("").toAbsolutePath();

    /** For JVMs that live for seconds: without the optimizing compiler they start in half the time. */
    static final String BRIEF_JVM = "-XX:TieredStopAtLevel=1";

    /** Runs {@code jobs/<name>} in {@code directory}; {@code environment} is added, an empty value removes a variable. */
    static Script run(Path directory, Map<String, String> environment, String name, String... arguments)
            throws IOException, InterruptedException {
        try (Running running = start(directory, environment, name, arguments)) {
            return running.end();
        }
    }

    /** Starts {@code jobs/<name>}; otherwise as {@link #run}. */
    static Running start(Path directory, Map<String, String> environment, String name, String... arguments)
            throws IOException {
        List<String> command =
                new ArrayList<>(List.of(PROJECT.resolve("jobs/" + name).toString()));
        command.addAll(List.of(arguments));
        Map<String, String> brief = new HashMap<>(environment);
        brief.putIfAbsent("SPARK_SUBMIT_OPTS", BRIEF_JVM);
        return new Running(directory, brief, command);
    }
}
