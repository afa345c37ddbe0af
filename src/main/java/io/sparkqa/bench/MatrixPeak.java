package io.sparkqa.bench;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import io.sparkqa.torch.TorchProgram;
import java.util.Map;

/** Measures the rate of libtorch's matrix product on this machine, which limits the rate of the network. */
public final class MatrixPeak {
    private static final int SIZE = 4096;

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

    /** Measures the product of two matrices of 4096 × 4096 values. */
    public static Figure measure(Device device, boolean bfloat16) throws Exception {
        try (NDManager manager = NDManager.newBaseManager(device, "PyTorch");
                TorchProgram program =
                        TorchProgram.load(manager, "Product", SOURCE, Map.of("DTYPE", bfloat16 ? 15 : 6))) {
            NDArray random = manager.randomNormal(0, 1, new Shape(SIZE, SIZE), DataType.FLOAT32);
            NDArray matrix = program.infer(manager, "cast", random).singletonOrThrow();
            double milliseconds = Stopwatch.median(2, 7, () -> {
                try (NDManager scope = manager.newSubManager()) {
                    program.infer(scope, "times", matrix, matrix)
                            .singletonOrThrow()
                            .getFloat();
                }
            });
            return Figure.of("matrix product, " + (bfloat16 ? "bfloat16" : "float32"), milliseconds, 1, "products")
                    .withOperations(2.0 * SIZE * SIZE * SIZE);
        }
    }
}
