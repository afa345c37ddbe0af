package io.sparkqa.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import io.sparkqa.model.DropoutMasks;
import io.sparkqa.model.MicroBatch;
import io.sparkqa.model.RobertaForQuestionAnswering;
import io.sparkqa.model.TinyNetwork;
import io.sparkqa.torch.TorchProgram;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** A GPU's step in one call, run on the CPU. */
class WholeStepsTest {
    private static final int STEPS = 3;

    @Test
    void aWholeStepIsThatOfItsPartsToTheBit() {
        try (RobertaForQuestionAnswering parts = TinyNetwork.open(dropout());
                RobertaForQuestionAnswering whole = TinyNetwork.open(dropout())) {
            assertThat(inOneCall(whole)).usingRecursiveComparison().isEqualTo(inParts(parts));
            assertSame(whole, parts, 0);
        }
    }

    @Test
    void withPackedAttentionAWholeStepIsThatOfItsPartsToTheBit() {
        for (boolean bfloat16 : new boolean[] {false, true}) {
            try (RobertaForQuestionAnswering parts = TinyNetwork.openPacked(0.1, bfloat16);
                    RobertaForQuestionAnswering whole = TinyNetwork.openPacked(0.1, bfloat16)) {
                assertThat(inOneCall(whole)).usingRecursiveComparison().isEqualTo(inParts(parts));
                assertSame(whole, parts, 0);
            }
        }
    }

    @Test
    void withPackedAttentionLossAndNormAreThoseOfACpu() {
        try (RobertaForQuestionAnswering cpu = TinyNetwork.open(TinyNetwork.noDropout());
                RobertaForQuestionAnswering packed = TinyNetwork.openPacked(0, false)) {
            List<float[]> expected = inParts(cpu);
            List<float[]> actual = inOneCall(packed);
            for (int step = 0; step < STEPS; step++) {
                assertThat(actual.get(step)).containsExactly(expected.get(step), within(1e-4f));
            }
        }
    }

    @Test
    void theProgramOfAGpuLoadsOnACpu() {
        for (boolean flashAttention : new boolean[] {true, false}) {
            try (NDManager manager = NDManager.newBaseManager(Device.cpu(), "PyTorch");
                    TorchProgram program = WholeSteps.program(manager, TinyNetwork.programOfGpu(flashAttention))) {
                assertThat(program).isNotNull();
            }
        }
    }

    private static DropoutMasks dropout() {
        return new DropoutMasks(TinyNetwork.config(), 5, 0.1, 0.1);
    }

    /** Makes steps by one call each and returns their figures. */
    private static List<float[]> inOneCall(RobertaForQuestionAnswering network) {
        AdamW optimizer = new AdamW(network, 0.1, 0.5);
        WholeSteps steps = new WholeSteps(network, optimizer);
        List<float[]> figures = new ArrayList<>();
        for (int step = 0; step < STEPS; step++) {
            try (NDManager results = network.manager().newSubManager()) {
                figures.add(steps.step(results, microBatches(network, step), step + 1, 1e-2)
                        .toFloatArray());
            }
        }
        return figures;
    }

    /** Makes the same steps by a call for each part. */
    private static List<float[]> inParts(RobertaForQuestionAnswering network) {
        AdamW optimizer = new AdamW(network, 0.1, 0.5);
        List<float[]> figures = new ArrayList<>();
        for (int step = 0; step < STEPS; step++) {
            try (NDManager scope = network.manager().newSubManager()) {
                RobertaForQuestionAnswering.Gradients gradients = network.gradients(scope, microBatches(network, step));
                NDArray norm = optimizer.norm(scope, gradients.sums());
                optimizer.update(scope, gradients.sums(), norm, step + 1, 1e-2);
                NDList all = new NDList(gradients.losses());
                all.add(norm);
                float[] found = new float[all.size()];
                for (int i = 0; i < found.length; i++) {
                    found[i] = all.get(i).getFloat();
                }
                figures.add(found);
            }
        }
        return figures;
    }

    private static List<MicroBatch> microBatches(RobertaForQuestionAnswering network, long step) {
        WindowBatches batches =
                new WindowBatches(network.batching(), TinyWindows.table(), WindowOrder.shuffled(1), 8, 1, 100, 0);
        return batches.of(step).stream()
                .map(batch -> network.withDropout(batch, step, ByteBuffer::allocateDirect))
                .toList();
    }

    private static void assertSame(
            RobertaForQuestionAnswering actual, RobertaForQuestionAnswering expected, float tolerance) {
        for (int i = 0; i < expected.names().size(); i++) {
            assertThat(actual.parameters().get(i).toFloatArray())
                    .as(expected.names().get(i))
                    .containsExactly(expected.parameters().get(i).toFloatArray(), within(tolerance));
        }
    }
}
