package io.sparkqa.spark;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sparkqa.config.UserError;
import java.util.Map;
import org.junit.jupiter.api.Test;

class TaskDeviceTest {
    private static final Map<String, String[]> SECOND_GPU = Map.of("gpu", new String[] {"1"});

    @Test
    void aTaskUsesTheGpuThatSparkGivesIt() {
        assertThat(TaskDevice.of("auto", SECOND_GPU)).isEqualTo("cuda:1");
    }

    @Test
    void theFirstOfSeveralGpusIsUsed() {
        assertThat(TaskDevice.of("auto", Map.of("gpu", new String[] {"3", "0"})))
                .isEqualTo("cuda:3");
    }

    @Test
    void withoutGpusTheMachineDecides() {
        assertThat(TaskDevice.of("auto", Map.of("fpga", new String[] {"0"}))).isEqualTo("auto");
        assertThat(TaskDevice.of("auto")).as("outside of a task").isEqualTo("auto");
    }

    @Test
    void aDeviceThatTheSettingsNameIsUsedWhateverSparkGives() {
        assertThat(TaskDevice.of("cpu", SECOND_GPU)).isEqualTo("cpu");
        assertThat(TaskDevice.of("cuda:0", SECOND_GPU)).isEqualTo("cuda:0");
    }

    @Test
    void anAddressThatIsNotAnOrdinalIsRefusedWithTheDiscoveryScript() {
        assertThatThrownBy(() -> TaskDevice.of("auto", Map.of("gpu", new String[] {"GPU-5ad2"})))
                .isInstanceOf(UserError.class)
                .hasMessageContaining("\"GPU-5ad2\"")
                .hasMessageContaining("jobs/gpu-discovery");
    }
}
