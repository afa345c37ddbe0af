package io.sparkqa.bench;

import io.sparkqa.train.WindowOrder;
import io.sparkqa.window.Window;
import io.sparkqa.window.WindowTable;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.IntStream;

/**
 * Windows for a measurement.
 *
 * @param name description of their lengths
 * @param batch windows in an optimizer step
 */
public record WindowMix(String name, WindowTable windows, int batch) {
    /** Returns windows of random tokens, all of the same length. */
    public static WindowMix even(int batch, int length, int steps, int vocabSize) {
        SplittableRandom random = new SplittableRandom(1);
        List<Window> windows = IntStream.range(0, batch * steps)
                .mapToObj(i -> new Window(
                        i,
                        "window-" + i,
                        0,
                        random.ints(length, 5, vocabSize).toArray(),
                        1,
                        length - 2,
                        random.nextInt(length),
                        length - 1,
                        new int[0],
                        new int[0]))
                .toList();
        return new WindowMix(batch + " x " + length, WindowTable.of(windows), batch);
    }

    /** Returns the windows of a data set in random order, without the last incomplete batch. */
    public static WindowMix shuffled(String name, List<Window> windows, int batch, long seed) {
        int[] order = WindowOrder.shuffled(seed).of(windows.size(), 0);
        List<Window> shuffled = IntStream.range(0, windows.size() / batch * batch)
                .mapToObj(i -> at(i, windows.get(order[i])))
                .toList();
        return new WindowMix(name, WindowTable.of(shuffled), batch);
    }

    private static Window at(int index, Window window) {
        return new Window(
                index,
                window.exampleId(),
                window.window(),
                window.inputIds(),
                window.contextFirst(),
                window.contextLast(),
                window.startPosition(),
                window.endPosition(),
                window.offsetStarts(),
                window.offsetEnds());
    }

    /** Returns the number of tokens of each window. */
    int[] lengths() {
        return IntStream.range(0, windows.size()).map(windows::length).toArray();
    }
}
