package io.sparkqa.model;

import static org.assertj.core.api.Assumptions.assumeThat;

import ai.djl.Device;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.sparkqa.References;
import java.io.IOException;
import java.nio.ByteOrder;
import java.nio.DoubleBuffer;
import java.nio.LongBuffer;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.function.ToIntFunction;
import java.util.stream.IntStream;

/** A folder {@code model-*} of reference values: weights, batches, and what an independent program computed from them. */
public record ReferenceModel(Path folder) {
    /** Returns all such folders. */
    public static List<ReferenceModel> all() {
        List<ReferenceModel> models = References.list(References.reference(""), "model-").stream()
                .map(ReferenceModel::new)
                .toList();
        assumeThat(models).as("reference models").isNotEmpty();
        return models;
    }

    public String name() {
        return folder.getFileName().toString();
    }

    public RobertaForQuestionAnswering network(boolean bfloat16) {
        return network(Device.cpu(), bfloat16);
    }

    RobertaForQuestionAnswering network(Device device, boolean bfloat16) {
        ModelFolder.Weights weights = ModelFolder.read(folder, 0);
        Dropout none = Dropout.none(weights.config());
        return new RobertaForQuestionAnswering(weights, device, none, bfloat16, true);
    }

    public Map<String, Safetensors.Tensor> tensors(String file) {
        return Safetensors.read(folder.resolve(file));
    }

    public JsonNode json(String file) throws IOException {
        return new ObjectMapper().readTree(folder.resolve(file).toFile());
    }

    public static long[] longs(Safetensors.Tensor tensor) {
        LongBuffer buffer =
                tensor.data().duplicate().order(ByteOrder.LITTLE_ENDIAN).asLongBuffer();
        long[] values = new long[buffer.remaining()];
        buffer.get(values);
        return values;
    }

    public static float[] floats(Safetensors.Tensor tensor) {
        float[] values = new float[tensor.size()];
        tensor.floats().get(values);
        return values;
    }

    public static double[] doubles(Safetensors.Tensor tensor) {
        DoubleBuffer buffer =
                tensor.data().duplicate().order(ByteOrder.LITTLE_ENDIAN).asDoubleBuffer();
        double[] values = new double[buffer.remaining()];
        buffer.get(values);
        return values;
    }

    /** Returns the batch as the network takes it: labels outside of the width are ignored, as in HuggingFace's model. */
    public MicroBatch batch() {
        Map<String, Safetensors.Tensor> tensors = tensors("batch.safetensors");
        long[] shape = tensors.get("input_ids").shape();
        int rows = (int) shape[0];
        int width = (int) shape[1];
        int[] ids = ints(tensors, "input_ids");
        int[] mask = ints(tensors, "attention_mask");
        int[] starts = ints(tensors, "start_positions");
        int[] ends = ints(tensors, "end_positions");
        List<MicroBatch.Row> windows = IntStream.range(0, rows)
                .mapToObj(row -> new MicroBatch.Row(
                        IntStream.range(row * width, row * width + width)
                                .filter(i -> mask[i] == 1)
                                .map(i -> ids[i])
                                .toArray(),
                        label(starts[row], width),
                        label(ends[row], width),
                        row))
                .toList();
        return MicroBatch.of(
                Batching.ON_CPU,
                windows,
                width,
                scale(windows, MicroBatch.Row::start),
                scale(windows, MicroBatch.Row::end));
    }

    private static int label(int position, int width) {
        return position < width ? Math.max(position, 0) : MicroBatch.IGNORED;
    }

    /** Returns a row's factor in the loss: the mean of the starts' and the ends' means, each over the rows with a label. */
    private static float scale(List<MicroBatch.Row> rows, ToIntFunction<MicroBatch.Row> label) {
        return 0.5f
                / rows.stream()
                        .mapToInt(label)
                        .filter(position -> position != MicroBatch.IGNORED)
                        .count();
    }

    public static int[] ints(Map<String, Safetensors.Tensor> tensors, String name) {
        return Arrays.stream(longs(tensors.get(name)))
                .mapToInt(Math::toIntExact)
                .toArray();
    }
}
