package io.sparkqa.train;

import io.sparkqa.window.Window;
import io.sparkqa.window.WindowTable;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;

/** Windows for a {@link io.sparkqa.model.TinyNetwork}. */
final class TinyWindows {
    private TinyWindows() {}

    /** Returns 24 windows; with batches of 4, an epoch has 6 steps. */
    static WindowTable table() {
        SplittableRandom random = new SplittableRandom(2);
        List<Window> windows = new ArrayList<>();
        for (int i = 0; i < 24; i++) {
            int length = random.nextInt(8, 30);
            int[] ids = random.ints(length, 4, 60).toArray();
            int start = random.nextInt(length);
            windows.add(new Window(
                    i, "q" + i, 0, ids, 1, length - 2, start, random.nextInt(start, length), new int[0], new int[0]));
        }
        return WindowTable.of(windows);
    }
}
