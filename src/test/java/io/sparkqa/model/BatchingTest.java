package io.sparkqa.model;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.Device;
import org.junit.jupiter.api.Test;

class BatchingTest {
    private static final long GB = 1_000_000_000;

    private static final RobertaConfig BASE = TinyNetwork.config(TinyNetwork.JSON
            .replace("\"vocab_size\": 60", "\"vocab_size\": 50265")
            .replace("\"hidden_size\": 16", "\"hidden_size\": 768")
            .replace("\"num_hidden_layers\": 2", "\"num_hidden_layers\": 12")
            .replace("\"num_attention_heads\": 2", "\"num_attention_heads\": 12")
            .replace("\"intermediate_size\": 32", "\"intermediate_size\": 3072")
            .replace("\"max_position_embeddings\": 40", "\"max_position_embeddings\": 514"));

    @Test
    void aCpuHasItsNumbersWhateverTheNetwork() {
        assertThat(Batching.on(Device.cpu(), BASE, true, false))
                .isEqualTo(new Batching(Batching.ON_CPU.grouping(), 4096, 8192, false));
    }

    @Test
    void aGpusBudgetGrowsWithItsMemoryUpToALimit() {
        assertThat(Batching.onGpu(85 * GB, BASE, true, true).trainTokens()).isEqualTo(65_536);
        int small = Batching.onGpu(16 * GB, BASE, true, true).trainTokens();
        int medium = Batching.onGpu(24 * GB, BASE, true, true).trainTokens();
        assertThat(small).isBetween(8_192, 20_480);
        assertThat(medium).isBetween(small + 4_096, 40_960);
        assertThat(Batching.onGpu(16 * GB, BASE, false, false).trainTokens()).isLessThan(small);
        assertThat(Batching.onGpu(2 * GB, BASE, true, true).trainTokens()).isEqualTo(1_024);
    }
}
