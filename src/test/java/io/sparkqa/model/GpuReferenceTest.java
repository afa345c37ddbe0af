package io.sparkqa.model;

import ai.djl.Device;
import io.sparkqa.Gpu;
import org.junit.jupiter.api.Tag;

/** The reference values' comparison, computed on a GPU. They have padding, so attention runs on groups of windows. */
@Tag("gpu")
class GpuReferenceTest extends NetworkReferenceTest {
    @Override
    Device device() {
        return Gpu.orSkip();
    }
}
