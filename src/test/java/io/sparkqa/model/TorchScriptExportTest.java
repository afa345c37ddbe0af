package io.sparkqa.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import ai.djl.Device;
import ai.djl.inference.Predictor;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.repository.zoo.Criteria;
import ai.djl.repository.zoo.ZooModel;
import ai.djl.util.Pair;
import io.sparkqa.torch.TorchFile;
import io.sparkqa.torch.TorchProgram;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The exported file in DJL's own loader. */
class TorchScriptExportTest {
    private static final int WIDTH = 30;

    @TempDir
    Path folder;

    /** Windows of many lengths, shortest first. */
    private static List<int[]> windows(int vocabulary) {
        SplittableRandom random = new SplittableRandom(11);
        return Stream.generate(() ->
                        random.ints(random.nextInt(3, WIDTH + 1), 2, vocabulary).toArray())
                .limit(9)
                .sorted(Comparator.comparingInt(window -> window.length))
                .toList();
    }

    private static ZooModel<NDList, NDList> load(Path file, boolean mapLocation) throws Exception {
        return Criteria.builder()
                .setTypes(NDList.class, NDList.class)
                .optModelPath(file)
                .optEngine("PyTorch")
                .optDevice(Device.cpu())
                .optOption("mapLocation", String.valueOf(mapLocation))
                .build()
                .loadModel();
    }

    private static NDList inputs(NDManager manager, List<int[]> windows, int width, DataType type) {
        long[] ids = new long[windows.size() * width];
        long[] mask = new long[ids.length];
        Arrays.fill(ids, TinyNetwork.config().padTokenId());
        for (int row = 0; row < windows.size(); row++) {
            for (int i = 0; i < windows.get(row).length; i++) {
                ids[row * width + i] = windows.get(row)[i];
                mask[row * width + i] = 1;
            }
        }
        Shape shape = new Shape(windows.size(), width);
        return new NDList(
                manager.create(ids, shape).toType(type, false),
                manager.create(mask, shape).toType(type, false));
    }

    @Test
    void itsLogitsAreOursForABatchWithPaddingForOneWithoutAndForBothKindsOfIntegers() throws Exception {
        ModelFolder.Weights weights = ModelFolder.random(TinyNetwork.config(), 7);
        Path file = folder.resolve("exported.pt");
        TorchScriptExport.write(file, weights);
        List<int[]> windows = windows(weights.config().vocabSize());
        int[] longest = windows.get(windows.size() - 1);
        try (RobertaForQuestionAnswering network = TinyNetwork.open(TinyNetwork.noDropout());
                ZooModel<NDList, NDList> model = load(file, true);
                Predictor<NDList, NDList> predictor = model.newPredictor();
                NDManager manager = NDManager.newBaseManager(Device.cpu())) {
            assertSame(network, predictor, windows, inputs(manager, windows, WIDTH, DataType.INT64));
            assertSame(network, predictor, windows, inputs(manager, windows, WIDTH, DataType.INT32));
            List<int[]> alone = List.of(longest);
            assertSame(network, predictor, alone, inputs(manager, alone, longest.length, DataType.INT64));
        }
    }

    private static void assertSame(
            RobertaForQuestionAnswering network,
            Predictor<NDList, NDList> predictor,
            List<int[]> windows,
            NDList inputs)
            throws Exception {
        float[] expected = network.logits(MicroBatch.unlabelled(network.batching(), windows));
        NDList logits = predictor.predict(inputs);
        assertThat(logits).hasSize(2);
        for (int which = 0; which < 2; which++) {
            NDArray found = logits.get(which);
            assertThat(found.getDataType()).isEqualTo(DataType.FLOAT32);
            assertThat(found.getShape()).isEqualTo(inputs.head().getShape());
            int token = which * expected.length / 2;
            int width = (int) found.getShape().get(1);
            float[] values = found.toFloatArray();
            for (int row = 0; row < windows.size(); row++) {
                int length = windows.get(row).length;
                float[] ours = Arrays.copyOfRange(expected, token, token + length);
                assertThat(Arrays.copyOfRange(values, row * width, row * width + length))
                        .containsExactly(ours, within(1e-5f));
                for (int i = length; i < width; i++) {
                    assertThat(values[row * width + i]).isEqualTo(-10_000);
                }
                token += length;
            }
        }
    }

    /** libtorch loads no program with an operator that it lacks, even in a method that is never called. These are in 1.13. */
    @Test
    void itNeedsOperatorsOfOldLibtorchsOnly() {
        TorchFile program = TorchScriptExport.program(TinyNetwork.config());
        String python = program.python()
                .replaceAll(
                        "\\btorch\\.(?!(baddbmm|cat|dropout|embedding|gelu|layer_norm|linear|softmax)\\b)\\w+\\(",
                        "torch.no_such_operator(");
        assertThat(python).contains("torch.no_such_operator(");
        assertLoads(new TorchFile(program.className(), python, program.constants()));
    }

    /** Module.to(device) moves parameters, not other attributes, so all weights must be parameters. */
    @Test
    void itsParametersHaveTheCheckpointsNamesAndValues() throws Exception {
        ModelFolder.Weights weights = ModelFolder.random(TinyNetwork.config(), 7);
        Path file = folder.resolve("exported.pt");
        TorchScriptExport.write(file, weights);
        try (ZooModel<NDList, NDList> model = load(file, false)) {
            List<String> names =
                    model.getBlock().getParameters().stream().map(Pair::getKey).toList();
            assertThat(names)
                    .containsExactlyInAnyOrderElementsOf(weights.tensors().keySet());
        }
    }

    /** Builds of libtorch without oneDNN, as for a Mac, lack its operators. */
    @Test
    void aNetworkWithoutPackedWeightsNeedsNoOperatorsOfOneDnn() {
        TorchFile program = RobertaForQuestionAnswering.file(
                TinyNetwork.config(), Device.cpu(), TinyNetwork.noDropout(), Batching.ON_CPU, false);
        String python = program.python().replace("ops.mkldnn", "ops.no_such_library");
        assertLoads(new TorchFile(program.className(), python, program.constants()));
    }

    private static void assertLoads(TorchFile program) {
        try (NDManager manager = NDManager.newBaseManager(Device.cpu());
                TorchProgram loaded = TorchProgram.load(manager, program)) {
            assertThat(loaded).isNotNull();
        }
    }
}
