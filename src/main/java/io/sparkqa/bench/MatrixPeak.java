package io.sparkqa.bench;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import io.sparkqa.torch.TorchFile;
import io.sparkqa.torch.TorchProgram;
import java.util.Map;
import java.util.SplittableRandom;

/** Measures the rate of libtorch's matrix product on this machine, which limits the rate of the network. */
public final class MatrixPeak {
    private static final int CPU_SIZE = 4096;
    private static final int GPU_SIZE = 8192;

    /** Number of products that a GPU computes between two waits, since a wait takes as long as a small product. */
    private static final int GPU_BURST = 10;

    private static final int SMALL_SIZE = 1024;
    private static final double ENOUGH_MILLISECONDS = 40;

    private static final String SOURCE =
            """
            DTYPE = 6
            FLOAT32 = 6

            class Product(Module):
              training: bool

              def cast(self, a: Tensor) -> Tensor:
                return a.to(DTYPE).contiguous()

              def times(self, a: Tensor, b: Tensor) -> Tensor:
                return a.mm(b)[0][0].to(FLOAT32)
            """;

    private MatrixPeak() {}

    /** Measures the product of two matrices of 4096 × 4096 values, on a GPU of 8192 × 8192. */
    public static Figure measure(Device device, boolean bfloat16) throws Exception {
        try (NDManager manager = NDManager.newBaseManager(device, "PyTorch");
                TorchProgram program = program(manager, bfloat16)) {
            return Figure.of(
                            "matrix product, " + (bfloat16 ? "bfloat16" : "float32"),
                            milliseconds(manager, program, size(device), 2, 7),
                            1,
                            "products")
                    .withOperations(operations(size(device)));
        }
    }

    private static int size(Device device) {
        return device.isGpu() ? GPU_SIZE : CPU_SIZE;
    }

    /** Returns the operations per second of the largest product up to the size of {@link #measure} that takes some 40 ms. */
    static double quickly(Device device, boolean bfloat16) throws Exception {
        try (NDManager manager = NDManager.newBaseManager(device, "PyTorch");
                TorchProgram program = program(manager, bfloat16)) {
            double best = 0;
            double milliseconds = 0;
            for (int size = SMALL_SIZE; size <= size(device) && milliseconds < ENOUGH_MILLISECONDS; size *= 2) {
                milliseconds = milliseconds(manager, program, size, 1, 3);
                best = Math.max(best, operations(size) / milliseconds * 1e3);
            }
            return best;
        }
    }

    private static TorchProgram program(NDManager manager, boolean bfloat16) throws Exception {
        return TorchProgram.load(manager, new TorchFile("Product", SOURCE, Map.of("DTYPE", bfloat16 ? 15 : 6)));
    }

    private static double operations(int size) {
        return 2.0 * size * size * size;
    }

    private static double milliseconds(NDManager manager, TorchProgram program, int size, int warmUps, int repetitions)
            throws Exception {
        try (NDManager matrices = manager.newSubManager()) {
            NDArray matrix =
                    program.infer(matrices, "cast", random(matrices, size)).singletonOrThrow();
            int burst = manager.getDevice().isGpu() ? GPU_BURST : 1;
            double milliseconds = Stopwatch.median(warmUps, repetitions, () -> {
                try (NDManager scope = matrices.newSubManager()) {
                    NDArray last = program.infer(scope, "times", matrix, matrix).singletonOrThrow();
                    for (int i = 1; i < burst; i++) {
                        last = program.infer(scope, "times", matrix, matrix).singletonOrThrow();
                    }
                    last.getFloat();
                }
            });
            return milliseconds / burst;
        }
    }

    /** Values are not drawn by libtorch, whose sequence of random numbers a training uses. */
    private static NDArray random(NDManager manager, int size) {
        SplittableRandom random = new SplittableRandom(1);
        float[] values = new float[size * size];
        for (int i = 0; i < values.length; i++) {
            values[i] = (float) (random.nextDouble() - 0.5);
        }
        return manager.create(values, new Shape(size, size));
    }
}
