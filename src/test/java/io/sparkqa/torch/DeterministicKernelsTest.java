package io.sparkqa.torch;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.Device;
import ai.djl.ndarray.NDManager;
import java.util.Map;
import org.junit.jupiter.api.Test;

class DeterministicKernelsTest {
    @Test
    void theFixedOrderIsSwitchedInLibtorch() {
        try (NDManager manager = NDManager.newBaseManager(Device.cpu(), "PyTorch")) {
            assertThat(manager.isOpen()).as("libtorch is loaded").isTrue();
            assertThat(DeterministicKernels.areSet()).isFalse();
            try {
                DeterministicKernels.set(true);
                assertThat(DeterministicKernels.areSet()).isTrue();
            } finally {
                DeterministicKernels.set(false);
            }
            assertThat(DeterministicKernels.areSet()).isFalse();
        }
    }

    @Test
    void itIsChosenWhereCublasAddsInAFixedOrderToo() {
        assertThat(DeterministicKernels.allowedBy(Map.of("CUBLAS_WORKSPACE_CONFIG", ":4096:8")))
                .isTrue();
        assertThat(DeterministicKernels.allowedBy(Map.of("CUBLAS_WORKSPACE_CONFIG", ":4096:2:16:8")))
                .isFalse();
        assertThat(DeterministicKernels.allowedBy(Map.of())).isFalse();
    }
}
