package io.sparkqa.job;

import io.sparkqa.config.Printable;
import io.sparkqa.config.UserError;
import io.sparkqa.run.Failure;
import io.sparkqa.run.SqlTables;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/** Queries and commands at a prompt. A line that begins with a colon is a command, any other one a query. */
final class SqlConversation {
    static final List<String> COMMANDS = List.of(":tables", ":queries", ":format", ":out", ":help", ":quit");

    private static final List<String> HELP = List.of(
            "SELECT ...       runs a query; a semicolon at its end is allowed",
            "NAME.sql         runs the query in a file, or one of jobs/sql/",
            ":tables          lists the tables and their columns",
            ":queries         lists the queries of jobs/sql/",
            ":format FORMAT   prints results as table, csv or json from now on",
            ":out FILE        writes the next result to a file",
            ":help            shows this",
            ":quit or Ctrl-D  ends",
            "Ctrl-C           cancels the query that runs");

    /** Time between two attempts to cancel a query, which may start further Spark jobs meanwhile. */
    private static final long CANCEL_AGAIN_MS = 100;

    private final SqlTables tables;
    private final Consumer<String> lines;
    private RowFormat format;
    private Optional<Path> out;

    /** Counts down when the query that runs has ended; replaced by each query. */
    private volatile CountDownLatch ended = new CountDownLatch(0);

    private volatile boolean cancelled;

    /**
     * @param format of the results, until another is chosen
     * @param out file that the first result goes to; empty: it is printed
     * @param lines takes what is printed
     */
    SqlConversation(SqlTables tables, RowFormat format, Optional<Path> out, Consumer<String> lines) {
        this.tables = tables;
        this.format = format;
        this.out = out;
        this.lines = lines;
    }

    /** Reads lines at the terminal until the user ends. */
    void hold() throws IOException {
        try (Prompt prompt = new Prompt("sql", new SqlCompleter(tables), SqlCompleter.PARSER)) {
            prompt.onInterrupt(this::cancel);
            lines.accept(":help shows the commands; Tab completes names of tables, columns and queries");
            for (Optional<String> line = prompt.read(); line.isPresent() && !ends(line.get()); line = prompt.read()) {
                reply(line.get());
            }
        }
    }

    static boolean ends(String line) {
        return List.of(":quit", ":q", ":exit").contains(line.strip());
    }

    /** Prints what a line asks for, or what is wrong with it. */
    // whatever a query throws becomes one message, and the conversation goes on
    @SuppressWarnings("CatchingUnchecked")
    void reply(String line) {
        String text = line.strip();
        cancelled = false;
        try {
            if (text.startsWith(":")) {
                obey(text);
            } else if (!text.isEmpty()) {
                run(text);
            }
        } catch (Exception e) {
            String message = cancelled ? "cancelled" : Printable.message(Failure.inWords(e));
            message.lines().forEach(lines);
        }
    }

    private void run(String query) throws IOException {
        CountDownLatch end = new CountDownLatch(1);
        ended = end;
        try {
            format.write(tables.query(ShippedQueries.text(query)), out, this::printUnlessCancelled);
            out = Optional.empty();
        } finally {
            end.countDown();
        }
    }

    private void printUnlessCancelled(String line) {
        if (cancelled) {
            throw new CancellationException();
        }
        lines.accept(line);
    }

    /** Cancels the query that runs, and returns when it has ended; called on another thread. Without a query, does nothing. */
    void cancel() {
        CountDownLatch end = ended;
        try {
            for (boolean done = end.getCount() == 0; !done; done = end.await(CANCEL_AGAIN_MS, TimeUnit.MILLISECONDS)) {
                cancelled = true;
                tables.cancelJobs();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void obey(String command) {
        String[] parts = command.split("\\s+", 2);
        String value = parts.length > 1 ? parts[1].strip() : "";
        switch (parts[0]) {
            case ":tables" -> tables.names()
                    .forEach(
                            table -> lines.accept("%s: %s".formatted(table, String.join(", ", tables.columns(table)))));
            case ":queries" -> ShippedQueries.all()
                    .forEach((name, tells) -> lines.accept("%-26s %s".formatted(name, tells)));
            case ":format" -> format = RowFormat.named(value);
            case ":out" -> out = file(value);
            case ":help" -> HELP.forEach(lines);
            default -> throw new UserError(Printable.of(parts[0]) + ": no such command; :help shows them");
        }
    }

    private static Optional<Path> file(String name) {
        if (name.isEmpty()) {
            throw new UserError(":out takes the name of a file");
        }
        return Optional.of(Path.of(name));
    }
}
