package io.sparkqa.torch;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import java.util.Map;
import java.util.SplittableRandom;

/** The product of two square matrices by libtorch, whose rate on a device limits the rate of a network. */
public final class MatrixProduct implements AutoCloseable {
    private static final int CPU_SIZE = 4096;
    private static final int GPU_SIZE = 8192;

    /** Number of products that a GPU computes between two waits, since a wait takes as long as a small product. */
    private static final int GPU_BURST = 10;

    private static final int SMALL_SIZE = 1024;
    private static final int REPETITIONS = 5;
    private static final double ENOUGH_SECONDS = 0.04;

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

    private final NDManager manager;
    private final TorchProgram program;
    private final NDArray matrix;
    private final int size;
    private final int burst;

    private MatrixProduct(Device device, boolean bfloat16, int size) {
        this.size = size;
        this.burst = device.isGpu() ? GPU_BURST : 1;
        this.manager = NDManager.newBaseManager(device, "PyTorch");
        this.program = TorchProgram.load(manager, new TorchFile("Product", SOURCE, Map.of("DTYPE", bfloat16 ? 15 : 6)));
        this.matrix = program.infer(manager, "cast", random(manager, size)).singletonOrThrow();
    }

    /** Returns the product of two matrices of 4096 × 4096 values, on a GPU of 8192 × 8192. */
    public static MatrixProduct large(Device device, boolean bfloat16) {
        return new MatrixProduct(device, bfloat16, largest(device));
    }

    private static int largest(Device device) {
        return device.isGpu() ? GPU_SIZE : CPU_SIZE;
    }

    /**
     * Returns the operations per second of the largest product, up to {@link #large}, that takes some 40 ms: the best of a few,
     * since other work on the machine can only slow a product. Takes a second or two.
     */
    public static double peak(Device device, boolean bfloat16) {
        double best = 0;
        double seconds = 0;
        for (int size = SMALL_SIZE; size <= largest(device) && seconds < ENOUGH_SECONDS; size *= 2) {
            try (MatrixProduct product = new MatrixProduct(device, bfloat16, size)) {
                seconds = product.seconds();
                best = Math.max(best, product.operations() / seconds);
            }
        }
        return best;
    }

    /** Returns the shortest time of a product. */
    private double seconds() {
        compute();
        double shortest = Double.POSITIVE_INFINITY;
        for (int i = 0; i < REPETITIONS; i++) {
            long start = System.nanoTime();
            compute();
            shortest = Math.min(shortest, (System.nanoTime() - start) / 1e9 / burst);
        }
        return shortest;
    }

    /** Computes the product {@link #burst} times and waits. */
    public void compute() {
        try (NDManager scope = manager.newSubManager()) {
            NDArray last = program.infer(scope, "times", matrix, matrix).singletonOrThrow();
            for (int i = 1; i < burst; i++) {
                last = program.infer(scope, "times", matrix, matrix).singletonOrThrow();
            }
            last.getFloat();
        }
    }

    /** Returns how many products are computed between two waits. */
    public int burst() {
        return burst;
    }

    /** Returns the floating point operations of a product. */
    public double operations() {
        return 2.0 * size * size * size;
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

    @Override
    public void close() {
        program.close();
        manager.close();
    }
}
