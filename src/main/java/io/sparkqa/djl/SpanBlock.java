package io.sparkqa.djl;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.AbstractBlock;
import ai.djl.training.ParameterStore;
import ai.djl.util.PairList;
import io.sparkqa.decode.LogitsRunner;
import io.sparkqa.decode.WindowLogits;
import io.sparkqa.window.Window;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * The network as a block of DJL, for inference: {@code input_ids} and {@code attention_mask}, int64[B, T], to start and end
 * logits, float32[B, T]. Thread-safe.
 */
final class SpanBlock extends AbstractBlock {
    /** The logit of padding: low enough that no span of padding is chosen. */
    static final float PADDING = -10_000;

    private static final int[] NO_OFFSETS = {};

    private final LogitsRunner network;

    SpanBlock(LogitsRunner network) {
        this.network = network;
    }

    @Override
    protected NDList forwardInternal(
            ParameterStore parameterStore, NDList inputs, boolean training, PairList<String, Object> params) {
        if (training) {
            throw new UnsupportedOperationException("this block only answers; jobs/train.sh trains a model");
        }
        Shape shape = inputs.get(0).getShape();
        int rows = Math.toIntExact(shape.get(0));
        int width = Math.toIntExact(shape.get(1));
        long[] ids = longs(inputs.get(0));
        long[] mask = longs(inputs.get(1));
        float[] starts = new float[rows * width];
        float[] ends = new float[rows * width];
        Arrays.fill(starts, PADDING);
        Arrays.fill(ends, PADDING);
        List<Window> windows = new ArrayList<>();
        for (int row = 0; row < rows; row++) {
            windows.add(window(row, ids, mask, width));
        }
        run(windows, (window, start, end) -> {
            int token = 0;
            int first = (int) window.exampleIndex() * width;
            for (int i = first; i < first + width; i++) {
                if (mask[i] != 0) {
                    starts[i] = start[token];
                    ends[i] = end[token++];
                }
            }
        });
        NDManager manager = inputs.head().getManager();
        return new NDList(manager.create(starts, shape), manager.create(ends, shape));
    }

    private synchronized void run(List<Window> windows, WindowLogits.Sink sink) {
        network.run(windows, sink);
    }

    private static long[] longs(NDArray array) {
        return array.toType(DataType.INT64, false).toLongArray();
    }

    private static Window window(int row, long[] ids, long[] mask, int width) {
        int[] tokens = new int[width];
        int length = 0;
        for (int i = row * width; i < (row + 1) * width; i++) {
            if (mask[i] != 0) {
                tokens[length++] = Math.toIntExact(ids[i]);
            }
        }
        return new Window(row, "in row " + row, 0, Arrays.copyOf(tokens, length), 0, -1, 0, 0, NO_OFFSETS, NO_OFFSETS);
    }

    @Override
    public Shape[] getOutputShapes(Shape[] inputShapes) {
        return new Shape[] {inputShapes[0], inputShapes[0]};
    }
}
