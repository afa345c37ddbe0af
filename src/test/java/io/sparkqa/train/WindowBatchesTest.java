package io.sparkqa.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import io.sparkqa.References;
import io.sparkqa.model.Batching;
import io.sparkqa.model.MicroBatch;
import io.sparkqa.squad.Example;
import io.sparkqa.window.PairTokenizer;
import io.sparkqa.window.QuestionTooLong;
import io.sparkqa.window.ReferenceFeatures;
import io.sparkqa.window.Window;
import io.sparkqa.window.WindowTable;
import io.sparkqa.window.Windower;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

class WindowBatchesTest {
    private static final int BATCH = 16;

    @Test
    @Tag("reference")
    void onRealDataTokenWiseLayersSeeNoPaddingAndAttentionLittle() throws IOException, QuestionTooLong {
        WindowTable windows = WindowTable.of(realWindows());
        WindowBatches batches =
                new WindowBatches(Batching.ON_CPU, windows, WindowOrder.shuffled(42), BATCH, 1, 4096, 0);
        long tokens = 0;
        long computed = 0;
        double cells = 0;
        double computedCells = 0;
        for (long step = 0; step < batches.stepsPerEpoch(); step++) {
            for (MicroBatch microBatch : batches.of(step)) {
                computed += microBatch.tokens();
                computedCells += microBatch.attentionCells();
                for (MicroBatch.Row row : microBatch.rows()) {
                    double length = row.ids().length;
                    tokens += row.ids().length;
                    cells += length * length;
                }
            }
        }
        System.out.printf(
                "real train subset, batches of %d: %.1f %% real tokens in token-wise layers, %.1f %% real cells in attention%n",
                BATCH, 100.0 * tokens / computed, 100 * cells / computedCells);
        assertThat(computed).isEqualTo(tokens);
        assertThat(cells / computedCells).isGreaterThan(0.9);
    }

    private static List<Window> realWindows() throws IOException, QuestionTooLong {
        assumeThat(ReferenceFeatures.tokenizer()).exists();
        List<Window> windows = new ArrayList<>();
        try (PairTokenizer tokenizer = PairTokenizer.open(ReferenceFeatures.tokenizer())) {
            Windower windower = new Windower(tokenizer, 384, 128);
            for (Example example : ReferenceFeatures.examples(References.dataSet("train"))) {
                windows.addAll(windower.windows(example));
            }
        }
        return windows;
    }
}
