package io.sparkqa.train;

import io.sparkqa.model.Safetensors;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** A network's parameters as sent between processes: one array of little-endian float32 each, in the network's order. */
final class PackedWeights {
    private PackedWeights() {}

    /** Copies float32 tensors. */
    static List<byte[]> pack(Collection<Safetensors.Tensor> tensors) {
        List<byte[]> packed = new ArrayList<>();
        for (Safetensors.Tensor tensor : tensors) {
            ByteBuffer data = tensor.data().duplicate();
            byte[] bytes = new byte[data.remaining()];
            data.get(bytes);
            packed.add(bytes);
        }
        return packed;
    }

    /** Returns packed parameters as tensors with these names and shapes, without copying them. */
    static Map<String, Safetensors.Tensor> unpack(List<byte[]> packed, Map<String, long[]> shapes) {
        Map<String, Safetensors.Tensor> tensors = new LinkedHashMap<>();
        shapes.forEach((name, shape) -> {
            ByteBuffer bytes = ByteBuffer.wrap(packed.get(tensors.size()));
            tensors.put(name, new Safetensors.Bytes("F32", shape, bytes));
        });
        return tensors;
    }

    static FloatBuffer floats(byte[] packed) {
        return ByteBuffer.wrap(packed).order(ByteOrder.LITTLE_ENDIAN).asFloatBuffer();
    }

    /** Returns the mean of packed arrays, summed in float64 and in their order, so that it is reproducible. */
    static byte[] mean(List<byte[]> values) {
        List<FloatBuffer> floats = values.stream().map(PackedWeights::floats).toList();
        byte[] mean = new byte[values.get(0).length];
        FloatBuffer means = floats(mean);
        for (int i = 0; i < means.limit(); i++) {
            double sum = 0;
            for (FloatBuffer each : floats) {
                sum += each.get(i);
            }
            means.put(i, (float) (sum / values.size()));
        }
        return mean;
    }
}
