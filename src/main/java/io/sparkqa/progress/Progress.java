package io.sparkqa.progress;

import java.io.PrintStream;
import java.text.DecimalFormat;
import java.time.Duration;
import java.util.Locale;
import me.tongfei.progressbar.ConsoleProgressBarConsumer;
import me.tongfei.progressbar.ProgressBar;
import me.tongfei.progressbar.ProgressBarBuilder;
import me.tongfei.progressbar.ProgressBarStyle;

/**
 * Shows the progress of a longer piece of work on stderr, with its rate and the time left: as a bar on a terminal, else as
 * a line every ten seconds. Stderr counts as a terminal if the environment variable SPARKQA_TERMINAL is 1; jobs/*.sh set
 * it, because Java can't find out. Thread-safe.
 */
public final class Progress implements AutoCloseable {
    private static final Duration BETWEEN_LINES = Duration.ofSeconds(10);

    /** Columns that a terminal needs to have room for rate and unit beside a note. */
    private static final int WIDE = 150;

    /** A terminal of fewer columns has no room for a bar beside a note. */
    private static final int NARROW = 110;

    private final String what;
    private final String unit;
    private final long total;
    private final PrintStream lines;
    private final long betweenLines;
    private final boolean narrow;
    private final long start = System.nanoTime();

    private long lastLine = start;
    private long first;
    private long done;
    private String note = "";
    private ProgressBar bar;

    private Progress(String what, String unit, long total, PrintStream lines, Duration betweenLines, boolean narrow) {
        this.what = what;
        this.unit = unit;
        this.total = total;
        this.lines = lines;
        this.betweenLines = betweenLines.toNanos();
        this.narrow = narrow;
    }

    /**
     * Starts to show progress.
     *
     * @param what the heading
     * @param unit a plural such as "windows"
     * @param total number of units
     */
    public static Progress of(String what, String unit, long total) {
        boolean terminal = "1".equals(System.getenv("SPARKQA_TERMINAL"));
        return terminal
                ? bar(what, unit, total, new ConsoleProgressBarConsumer(System.err))
                : lines(what, unit, total, System.err, BETWEEN_LINES);
    }

    /** Starts to show progress as lines on {@code out}. */
    static Progress lines(String what, String unit, long total, PrintStream out, Duration between) {
        return new Progress(what, unit, total, out, between, false);
    }

    /** Starts to show progress as a bar on a terminal, or without the bar on a narrow one. */
    static Progress bar(String what, String unit, long total, ConsoleProgressBarConsumer terminal) {
        int columns = terminal.getMaxRenderedLength();
        Progress progress = new Progress(what, unit, total, System.err, BETWEEN_LINES, columns < NARROW);
        ProgressBarBuilder builder = new ProgressBarBuilder()
                .setTaskName(what)
                .setInitialMax(total)
                .setStyle(ProgressBarStyle.ASCII)
                .setUpdateIntervalMillis(500)
                .setConsumer(terminal);
        if (columns >= WIDE) {
            builder.setUnit(" " + unit, 1).showSpeed(new DecimalFormat("0.0"));
        } else if (progress.narrow) {
            builder.setRenderer((state, most) -> progress.briefLine(most));
        }
        progress.bar = builder.build();
        return progress;
    }

    /** Sets the number of units done before this process started, which rate and time left leave out. */
    public synchronized Progress startingAt(long done) {
        this.first = done;
        this.done = done;
        if (bar != null) {
            bar.stepTo(done);
        }
        return this;
    }

    /** Adds units that are done. */
    public synchronized void add(long units) {
        at(done + units);
    }

    /** Sets the number of units done so far. Shows at most {@code total}, since repeated tasks count again. */
    public synchronized void at(long units) {
        done = Math.min(units, total);
        if (bar != null) {
            bar.stepTo(done);
        } else if (System.nanoTime() - lastLine >= betweenLines) {
            printLine();
        }
    }

    /** Prints a line now, even if the last one was printed shortly before. Has no effect on a bar. */
    public synchronized void mark() {
        if (bar == null) {
            printLine();
        }
    }

    private void printLine() {
        lastLine = System.nanoTime();
        lines.println(line());
    }

    /**
     * Sets a few words to show after the figures, such as "loss 1.42".
     *
     * @param brief the words for a narrow terminal, the most important ones first
     */
    public synchronized void note(String words, String brief) {
        note = narrow ? brief : words;
        if (bar != null) {
            bar.setExtraMessage(" " + note);
        }
    }

    private double rate() {
        double seconds = (System.nanoTime() - start) / 1e9;
        return (done - first) / seconds;
    }

    /** Returns a line of at most so many characters; the time left is in minutes and seconds. */
    private synchronized String briefLine(int most) {
        long left = Math.round((total - done) / rate());
        String line = String.format(
                Locale.ROOT,
                "%s %,d/%,d%s%s",
                what,
                done,
                total,
                done == first ? "" : String.format(Locale.ROOT, " %d:%02d left", left / 60, left % 60),
                note.isEmpty() ? "" : ", " + note);
        return line.substring(0, Math.min(line.length(), most));
    }

    private String line() {
        double rate = rate();
        String left = rate > 0 ? ", " + duration((long) ((total - done) / rate)) + " left" : "";
        return String.format(
                Locale.ROOT,
                "%s: %,d of %,d %s (%.0f %%), %,.1f %s/s%s%s",
                what,
                done,
                total,
                unit,
                total == 0 ? 100.0 : 100.0 * done / total,
                rate,
                unit,
                left,
                note.isEmpty() ? "" : ", " + note);
    }

    /** Returns a duration in words: {@code 42 s}, {@code 3 min 20 s}, {@code 2 h 5 min}. */
    public static String duration(long seconds) {
        if (seconds < 60) {
            return seconds + " s";
        }
        return seconds < 3600
                ? seconds / 60 + " min " + seconds % 60 + " s"
                : seconds / 3600 + " h " + seconds % 3600 / 60 + " min";
    }

    /** Ends the bar. Waits for the thread that draws it, so it does not hold the lock that this thread takes. */
    @Override
    public void close() {
        if (bar != null) {
            bar.close();
        }
    }
}
