package io.sparkqa.job;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/** One of the scripts under jobs/ while it runs. */
final class RunningScript implements AutoCloseable {
    private static final int MINUTES = 10;

    private final String name;
    private final Process process;
    private final Path out;
    private final Path err;

    private RunningScript(String name, Process process, Path out, Path err) {
        this.name = name;
        this.process = process;
        this.out = out;
        this.err = err;
    }

    /** Starts {@code jobs/<name>} in {@code directory}; {@code environment} is added, an empty value removes a variable. */
    static RunningScript start(Path directory, Map<String, String> environment, String name, String... arguments)
            throws IOException {
        List<String> command =
                new ArrayList<>(List.of(Script.PROJECT.resolve("jobs/" + name).toString()));
        command.addAll(List.of(arguments));
        Path out = Files.createTempFile("out", ".txt");
        Path err = Files.createTempFile("err", ".txt");
        ProcessBuilder builder = new ProcessBuilder(command)
                .directory(directory.toFile())
                .redirectOutput(out.toFile())
                .redirectError(err.toFile());
        builder.environment().remove("SPARK_HOME");
        environment.forEach(builder.environment()::put);
        builder.environment().values().removeIf(String::isEmpty);
        return new RunningScript(name, builder.start(), out, err);
    }

    /** What it has printed in the end. */
    Script end() throws IOException, InterruptedException {
        if (!process.waitFor(MINUTES, TimeUnit.MINUTES)) {
            throw new AssertionError(name + " did not end");
        }
        return new Script(
                process.exitValue(),
                Files.readString(out, StandardCharsets.UTF_8),
                Files.readString(err, StandardCharsets.UTF_8));
    }

    boolean isAlive() {
        return process.isAlive();
    }

    /** Ends it and what it has started by SIGKILL. */
    void kill() {
        process.descendants().forEach(ProcessHandle::destroyForcibly);
        process.destroyForcibly();
    }

    @Override
    public void close() throws IOException {
        kill();
        Files.delete(out);
        Files.delete(err);
    }
}
