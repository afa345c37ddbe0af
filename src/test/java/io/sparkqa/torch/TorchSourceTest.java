package io.sparkqa.torch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Map;
import org.junit.jupiter.api.Test;

class TorchSourceTest {
    private static final String PYTHON =
            """
            \"""Says what it is for.\"""
            import torch

            SCALE = 0.5  # of the sum
            FLOAT32 = 6

            class Pair(NamedTuple):
                left: Tensor

            class Sum(Module):
                def of(self, pair: Pair, SCALES: int) -> Tensor:
                    return self.Pair(pair).to(FLOAT32) * SCALE
            """;

    @Test
    void constantsAndClassesAreReplacedAndTheTopIsLeftOut() {
        assertThat(TorchSource.of(PYTHON, Map.of("SCALE", 0.25)))
                .isEqualTo(
                        """
                        class Pair(NamedTuple):
                            left: Tensor

                        class Sum(Module):
                            def of(self, pair: __torch__.Pair, SCALES: int) -> Tensor:
                                return self.Pair(pair).to(6) * 0.25
                        """);
    }

    @Test
    void booleansAreWrittenAsInPython() {
        assertThat(TorchSource.of("ON = False\nclass A(Module):\n    x = ON\n", Map.of("ON", true)))
                .endsWith("x = True\n");
    }

    @Test
    void aConstantThatTheProgramLacksIsRefused() {
        assertThatThrownBy(() -> TorchSource.of(PYTHON, Map.of("SCALES", 1)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("the program has no constant SCALES");
    }
}
