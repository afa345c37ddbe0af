package io.sparkqa.bench;

import ai.djl.Device;
import io.sparkqa.torch.MatrixProduct;

/** Measures the rate of libtorch's matrix product on this machine, which limits the rate of the network. */
public final class MatrixPeak {
    private static final int WARM_UPS = 1;
    private static final int REPETITIONS = 3;

    private MatrixPeak() {}

    /** Measures the product of two matrices of 4096 × 4096 values, on a GPU of 8192 × 8192. */
    public static Figure measure(Device device, boolean bfloat16) throws Exception {
        try (MatrixProduct product = MatrixProduct.large(device, bfloat16)) {
            double milliseconds = Stopwatch.median(WARM_UPS, REPETITIONS, product::compute);
            return Figure.of(
                            "matrix product, " + (bfloat16 ? "bfloat16" : "float32"),
                            milliseconds / product.burst(),
                            1,
                            "products")
                    .withOperations(product.operations());
        }
    }
}
