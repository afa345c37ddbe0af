package io.sparkqa.job;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.Optional;
import org.jline.reader.Completer;
import org.jline.reader.EndOfFileException;
import org.jline.reader.LineReader;
import org.jline.reader.LineReaderBuilder;
import org.jline.reader.Parser;
import org.jline.reader.UserInterruptException;
import org.jline.terminal.Terminal;
import org.jline.terminal.TerminalBuilder;

/** A prompt at the terminal, with line editing, completion, and a history that is kept in the user's cache folder. */
final class Prompt implements AutoCloseable {
    private final Terminal terminal;
    private final LineReader reader;
    private final String text;

    /**
     * Opens the prompt.
     *
     * @param name the stage's name, shown in the prompt and used for the history's file
     */
    Prompt(String name, Completer completer, Parser parser) {
        text = name + "> ";
        try {
            terminal = TerminalBuilder.builder().system(true).build();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        LineReaderBuilder builder = LineReaderBuilder.builder()
                .terminal(terminal)
                .appName("spark-qa")
                .completer(completer)
                .parser(parser)
                .option(LineReader.Option.CASE_INSENSITIVE, true);
        // Exclamation marks and backslashes are ordinary characters.
        builder.option(LineReader.Option.DISABLE_EVENT_EXPANSION, true);
        Optional.ofNullable(System.getenv("DJL_CACHE_DIR"))
                .map(folder -> Path.of(folder, name + "-history"))
                .ifPresent(file -> builder.variable(LineReader.HISTORY_FILE, file));
        reader = builder.build();
    }

    /** Returns whether stdin and stdout are a terminal. jobs/submit finds this out, since Java can't before JDK 22. */
    static boolean isAtTerminal() {
        return "1".equals(System.getenv("SPARKQA_CONVERSATION"));
    }

    /** Returns whether stdout is a terminal; jobs/submit finds this out too. */
    static boolean printsToTerminal() {
        return "1".equals(System.getenv("SPARKQA_STDOUT_TERMINAL"));
    }

    /** Calls {@code action}, on another thread, when Ctrl-C is pressed while no line is read. Otherwise it ends the process. */
    void onInterrupt(Runnable action) {
        terminal.handle(Terminal.Signal.INT, signal -> action.run());
    }

    /** Returns the next line, or empty at the end of the input (Ctrl-D). Ctrl-C begins a new line. */
    Optional<String> read() {
        while (true) {
            try {
                return Optional.of(reader.readLine(text));
            } catch (UserInterruptException e) {
                // Ctrl-C discards the line and shows the prompt again.
            } catch (EndOfFileException e) {
                return Optional.empty();
            }
        }
    }

    @Override
    public void close() throws IOException {
        terminal.close();
    }
}
