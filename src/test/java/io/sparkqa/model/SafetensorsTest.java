package io.sparkqa.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sparkqa.config.UserError;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SafetensorsTest {
    @TempDir
    Path folder;

    private Path file;

    @BeforeEach
    void nameTheFile() {
        file = folder.resolve("model.safetensors");
    }

    @Test
    void writtenTensorsAreReadBack() throws IOException {
        Map<String, Safetensors.Tensor> tensors = new LinkedHashMap<>();
        tensors.put("b", tensor("F32", new long[] {2, 3}, floats(1, -2, 3.5f, 0, 1e-20f, Float.MAX_VALUE)));
        tensors.put("a", tensor("F32", new long[] {1}, floats(9)));
        Safetensors.write(file, tensors);

        Map<String, Safetensors.Tensor> read = Safetensors.read(file);

        assertThat(read.keySet()).containsExactly("b", "a");
        assertThat(read.get("b").shape()).containsExactly(2, 3);
        assertThat(values(read.get("b"))).containsExactly(1, -2, 3.5f, 0, 1e-20f, Float.MAX_VALUE);
        assertThat(values(read.get("a"))).containsExactly(9);
    }

    @Test
    void halfPrecisionIsWidened() throws IOException {
        Map<String, Safetensors.Tensor> tensors = new LinkedHashMap<>();
        tensors.put("bfloat16", tensor("BF16", new long[] {2}, shorts(0x3f80, 0xc049)));
        tensors.put("float16", tensor("F16", new long[] {5}, shorts(0x3c00, 0xc000, 0x0001, 0x8000, 0x7c00)));
        Safetensors.write(file, tensors);

        Map<String, Safetensors.Tensor> read = Safetensors.read(file);

        assertThat(values(read.get("bfloat16"))).containsExactly(1, -3.140625f);
        assertThat(values(read.get("float16"))).containsExactly(1, -2, 0x1p-24f, -0f, Float.POSITIVE_INFINITY);
    }

    @Test
    void aTruncatedFileIsDamaged() throws IOException {
        Safetensors.write(file, Map.of("weight", tensor("F32", new long[] {2}, floats(1, 2))));
        byte[] whole = Files.readAllBytes(file);

        for (int length : new int[] {0, 5, 20, whole.length - 1}) {
            Files.write(file, Arrays.copyOf(whole, length));
            assertThatThrownBy(() -> Safetensors.read(file))
                    .isInstanceOf(UserError.class)
                    .hasMessageContaining(file.toString())
                    .hasMessageContaining("fetch or write it again");
        }
    }

    @Test
    void aHeaderThatIsNotJsonIsDamaged() throws IOException {
        Files.write(file, new byte[] {4, 0, 0, 0, 0, 0, 0, 0, '{', '?', '?', '}'});
        assertThatThrownBy(() -> Safetensors.read(file))
                .isInstanceOf(UserError.class)
                .hasMessageContaining("header is not JSON");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{'a': null}",
                "{'a': {'dtype': 'F32', 'data_offsets': [0, 8]}}",
                "{'a': {'dtype': 'F32', 'shape': -1e308, 'data_offsets': [0, 8]}}",
                "{'a': {'dtype': 'F32', 'shape': ['2'], 'data_offsets': [0, 8]}}",
                "{'a': {'dtype': 'F32', 'shape': [2.0], 'data_offsets': [0, 8]}}",
                "{'a': {'dtype': 'F32', 'shape': [null], 'data_offsets': [0, 8]}}",
                "{'a': {'dtype': 'F32', 'shape': [-1, -2], 'data_offsets': [0, 8]}}",
                "{'a': {'dtype': 'F32', 'shape': [4611686018427387904, 4, 2], 'data_offsets': [0, 8]}}",
                "{'a': {'dtype': 'F32', 'shape': [3], 'data_offsets': [0, 8]}}",
                "{'a': {'dtype': 'F31', 'shape': [2], 'data_offsets': [0, 8]}}",
                "{'a': {'dtype': 'F32', 'shape': [2], 'data_offsets': [0, 9223372036854775807]}}",
                "{'a': {'dtype': 'F32', 'shape': [2], 'data_offsets': [-8, 0]}}",
                "{'a': {'dtype': 'F32', 'shape': [1], 'data_offsets': [0, 4]}}",
                "{'a': {'dtype': 'F32', 'shape': [1], 'data_offsets': [4, 8]}}",
                "{'a': {'dtype': 'F32', 'shape': [2], 'data_offsets': [0, 8]}, 'b': {'dtype': 'F32', 'shape': [1], 'data_offsets': [4, 8]}}",
                "{'a': {'dtype': 'F32', 'shape': [2], 'data_offsets': [0, 8]}, 'a': {'dtype': 'F32', 'shape': [2], 'data_offsets': [0, 8]}}",
                "[1]",
                "{} {}"
            })
    void aHeaderThatDoesNotDescribeTheFileIsRefused(String json) throws IOException {
        byte[] header = json.replace('\'', '"').getBytes(StandardCharsets.UTF_8);
        Files.write(
                file,
                ByteBuffer.allocate(8 + header.length + 8)
                        .order(ByteOrder.LITTLE_ENDIAN)
                        .putLong(header.length)
                        .put(header)
                        .array());
        assertThatThrownBy(() -> Safetensors.read(file))
                .isInstanceOf(UserError.class)
                .hasMessageStartingWith(file + ": not a whole safetensors file: ");
    }

    private static Safetensors.Tensor tensor(String dtype, long[] shape, ByteBuffer data) {
        return new Safetensors.Bytes(dtype, shape, data);
    }

    private static ByteBuffer floats(float... values) {
        ByteBuffer bytes = ByteBuffer.allocate(4 * values.length).order(ByteOrder.LITTLE_ENDIAN);
        bytes.asFloatBuffer().put(values);
        return bytes;
    }

    private static ByteBuffer shorts(int... values) {
        ByteBuffer bytes = ByteBuffer.allocate(2 * values.length).order(ByteOrder.LITTLE_ENDIAN);
        for (int value : values) {
            bytes.putShort((short) value);
        }
        return bytes.flip();
    }

    private static float[] values(Safetensors.Tensor tensor) {
        FloatBuffer floats = tensor.floats();
        float[] values = new float[floats.remaining()];
        floats.get(values);
        return values;
    }
}
