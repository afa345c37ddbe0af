package io.sparkqa.model;

import ai.djl.Device;
import io.sparkqa.Gpu;
import org.junit.jupiter.api.Tag;

/** A GPU computes what a CPU computes. */
@Tag("gpu")
class GpuNetworkTest extends DeviceNetworkTest {
    @Override
    Device device() {
        return Gpu.orSkip();
    }
}
