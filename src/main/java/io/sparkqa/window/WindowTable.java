package io.sparkqa.window;

import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;

/** A table of windows, sorted by example index and window number, that is read by position and without Spark. */
public interface WindowTable extends AutoCloseable {
    /** Returns the number of windows. */
    int size();

    /** Returns the number of tokens of window {@code i}, which is cheaper than {@link #get}. */
    int length(int i);

    /** Returns window {@code i}. */
    Window get(int i);

    @Override
    default void close() {}

    /**
     * Opens the table in a folder of Arrow files, which are mapped into memory.
     *
     * @throws io.sparkqa.config.UserError if a file is damaged or is not a table of windows
     */
    static WindowTable open(Path folder) {
        return MappedWindows.open(folder);
    }

    /** Returns a table of windows that are in memory, given in any order. */
    static WindowTable of(List<Window> windows) {
        List<Window> sorted = windows.stream()
                .sorted(Comparator.comparingLong(Window::exampleIndex).thenComparingInt(Window::window))
                .toList();
        return new WindowTable() {
            @Override
            public int size() {
                return sorted.size();
            }

            @Override
            public int length(int i) {
                return sorted.get(i).inputIds().length;
            }

            @Override
            public Window get(int i) {
                return sorted.get(i);
            }
        };
    }
}
