package io.sparkqa.job;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** The exit code of a script under jobs/, or of another command, and what it printed. */
record Script(int code, String out, String err) {
    static final Path PROJECT = Path.of("").toAbsolutePath();

    /** An option for JVMs that run for seconds: without the optimizing compiler they start in half the time. */
    static final String BRIEF_JVM = "-XX:TieredStopAtLevel=1";

    /** Runs {@code jobs/<name>} in {@code directory}; {@code environment} is added, an empty value removes a variable. */
    static Script run(Path directory, Map<String, String> environment, String name, String... arguments)
            throws IOException, InterruptedException {
        try (Running running = start(directory, environment, name, arguments)) {
            return running.end();
        }
    }

    /** Starts {@code jobs/<name>} as {@link #run} does, and does not wait for it. */
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
