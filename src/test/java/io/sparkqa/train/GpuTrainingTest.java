package io.sparkqa.train;

import ai.djl.Device;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.pytorch.jni.JniUtils;
import io.sparkqa.Gpu;
import io.sparkqa.model.RobertaForQuestionAnswering;
import io.sparkqa.torch.Hardware;
import java.util.function.LongSupplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;

/** Training on a GPU. Equal bits need {@code CUBLAS_WORKSPACE_CONFIG=:4096:8} in the environment, as the scripts set it. */
@Tag("gpu")
class GpuTrainingTest extends DeviceTrainingTest {
    private static final long ROOM = 30_000_000;

    @Override
    Device device() {
        return Gpu.orSkip();
    }

    @Override
    int longTraining() {
        return 2000;
    }

    @Override
    LongSupplier held(RobertaForQuestionAnswering network) {
        return () -> Hardware.memoryInUse(network.manager().getDevice());
    }

    /** Takes nearly all memory that is left. */
    @Override
    RobertaForQuestionAnswering withoutRoom() {
        RobertaForQuestionAnswering network = network();
        Device gpu = network.manager().getDevice();
        long free = Hardware.memory(gpu) - Hardware.memoryInUse(gpu);
        network.manager().create(new Shape(free - ROOM), DataType.UINT8);
        return network;
    }

    @Override
    int large() {
        return 20_000;
    }

    /** Gives back what libtorch keeps for later tensors, for the next test and for other processes. */
    @AfterEach
    void emptyCache() {
        JniUtils.emptyCudaCache();
    }
}
