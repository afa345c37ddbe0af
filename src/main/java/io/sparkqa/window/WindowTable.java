package io.sparkqa.window;

import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;

/** Windows in the order of (example index, window), each to be had by its place, without Spark. */
public interface WindowTable extends AutoCloseable {
    /** Windows in the table. */
    int size();

    /** Tokens of window {@code i}; cheaper than {@link #get}. */
    int length(int i);

    /** Window {@code i}. */
    Window get(int i);

    @Override
    default void close() {}

    /**
     * The table of all Arrow files of a folder, mapped into memory.
     *
     * @throws io.sparkqa.config.UserError if one of them is damaged or no table of windows
     */
    static WindowTable open(Path folder) {
        return MappedWindows.open(folder);
    }

    /** The table of windows that are in memory already, given in any order. */
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
