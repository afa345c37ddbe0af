package io.sparkqa.torch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
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
        assertThat(source(PYTHON, Map.of("SCALE", 0.25)))
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
        assertThat(source("ON = False\nclass A(Module):\n    x = ON\n", Map.of("ON", true)))
                .endsWith("x = True\n");
    }

    @Test
    void aConstantThatTheProgramLacksIsRefused() {
        assertThatThrownBy(() -> source(PYTHON, Map.of("SCALES", 1)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("the program has no constant SCALES");
    }

    @Test
    void aModuleSeesTheClassesOfThoseItHoldsAndEachFileItsOwnConstants() {
        TorchFile part = new TorchFile("Part", "SIZE = 1\nclass Part(Module):\n    x = SIZE\n", Map.of("SIZE", 2));
        TorchFile main =
                new TorchFile("Whole", "SIZE = 3\nclass Whole(Module):\n    part: Part\n    x = SIZE\n", Map.of());
        assertThat(TorchSource.of(main, List.of(part)))
                .contains("part: __torch__.Part\n    x = 3\n")
                .contains("class Part(Module):\n    x = 2\n");
    }

    private static String source(String python, Map<String, ?> constants) {
        return TorchSource.of(new TorchFile("Sum", python, constants), List.of());
    }
}
