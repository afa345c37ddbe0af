package io.sparkqa.job;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/** A process that a test has started; what it prints goes to files. */
final class Running implements AutoCloseable {
    private static final int MINUTES = 10;

    private final Path out = Files.createTempFile("out", ".txt");
    private final Path err = Files.createTempFile("err", ".txt");
    private final Process process;

    /** Starts a command; {@code environment} is added to this process's, an empty value removes a variable. */
    Running(Path directory, Map<String, String> environment, List<String> command) throws IOException {
        ProcessBuilder builder = new ProcessBuilder(command)
                .directory(directory.toFile())
                .redirectOutput(out.toFile())
                .redirectError(err.toFile());
        builder.environment().remove("SPARK_HOME");
        environment.forEach(builder.environment()::put);
        builder.environment().values().removeIf(String::isEmpty);
        process = builder.start();
    }

    /** Runs a command of the system; returns whether it exists and ended with exit code 0. */
    static boolean succeeds(String... command) throws IOException, InterruptedException {
        try (Running running = new Running(Path.of("/"), Map.of(), List.of(command))) {
            return running.end().code() == 0;
        } catch (IOException e) {
            return false;
        }
    }

    boolean isAlive() {
        return process.isAlive();
    }

    /** Returns the processes that it has started, directly or not, and that still run. */
    Stream<ProcessHandle> descendants() {
        return process.descendants();
    }

    /** Sends a signal, such as {@code TERM}. */
    Running signal(String name) throws IOException, InterruptedException {
        if (!succeeds("kill", "-" + name, Long.toString(process.pid()))) {
            throw new AssertionError("process " + process.pid() + " is gone already");
        }
        return this;
    }

    /** Waits until the process ends. */
    Script end() throws IOException, InterruptedException {
        if (!process.waitFor(MINUTES, TimeUnit.MINUTES)) {
            throw new AssertionError("the process did not end; it said: " + Files.readString(err));
        }
        return new Script(process.exitValue(), Files.readString(out), Files.readString(err));
    }

    /** Kills the process, if it still runs, and the processes that it has started. */
    @Override
    public void close() throws IOException {
        process.descendants().forEach(ProcessHandle::destroyForcibly);
        process.destroyForcibly();
        Files.delete(out);
        Files.delete(err);
    }
}
