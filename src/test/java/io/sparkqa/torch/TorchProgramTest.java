package io.sparkqa.torch;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.Device;
import ai.djl.engine.EngineException;
import ai.djl.ndarray.NDManager;
import java.util.Map;
import org.junit.jupiter.api.Test;

class TorchProgramTest {
    private static final TorchFile ROOM = new TorchFile(
            "Room",
            """
            class Room(Module):
                training: bool

                def zeros(self, size: Tensor) -> Tensor:
                    return torch.zeros([int(size)], dtype=1)
            """,
            Map.of());

    @Test
    void aLackOfMemoryIsToldFromOtherErrors() {
        try (NDManager manager = NDManager.newBaseManager(Device.cpu(), "PyTorch");
                TorchProgram program = TorchProgram.load(manager, ROOM)) {
            assertThatThrownBy(() -> program.infer(manager, "zeros", manager.create(1L << 55)))
                    .isInstanceOf(OutOfMemory.class)
                    .hasMessageContaining("can't allocate memory")
                    .hasMessageNotContaining("\n");
            assertThatThrownBy(() -> program.infer(manager, "zeros", manager.create(-1L)))
                    .isInstanceOf(EngineException.class);
        }
    }
}
