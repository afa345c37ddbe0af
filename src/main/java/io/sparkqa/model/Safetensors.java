package io.sparkqa.model;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import com.fasterxml.jackson.core.JacksonException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.sparkqa.config.UserError;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.IntUnaryOperator;

/**
 * The safetensors format: 8 bytes of header length (little-endian), a JSON header (name → dtype, shape, byte range),
 * then the tensors' raw little-endian bytes.
 */
public final class Safetensors {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final long LONGEST_HEADER = 100_000_000;

    private Safetensors() {}

    /** A tensor of a file, or one to be written. */
    public sealed interface Tensor permits Bytes, ArrayTensor {
        /** The format's name of the type, as F32. */
        String dtype();

        long[] shape();

        /** The values, little-endian and row-major; read-only where they are mapped from a file. */
        ByteBuffer data();

        /** A float32 tensor of zeros, in memory. */
        static Tensor zeros(long... shape) {
            int size = Math.toIntExact(Arrays.stream(shape).reduce(4, Math::multiplyExact));
            return new Bytes("F32", shape, ByteBuffer.allocateDirect(size).order(ByteOrder.LITTLE_ENDIAN));
        }

        /** Number of values. */
        default int size() {
            return Math.toIntExact(Arrays.stream(shape()).reduce(1, Math::multiplyExact));
        }

        /** The values as float32; F16 and BF16 are widened. */
        default FloatBuffer floats() {
            ByteBuffer bytes = data().duplicate().order(ByteOrder.LITTLE_ENDIAN);
            return switch (dtype()) {
                case "F32" -> bytes.asFloatBuffer();
                case "BF16" -> widen(bytes, half -> half << 16);
                case "F16" -> widen(bytes, Safetensors::halfToFloatBits);
                default -> throw new UserError("tensors of type " + dtype()
                        + " cannot be read as weights; save the model in float32, float16 or bfloat16");
            };
        }

        private FloatBuffer widen(ByteBuffer bytes, IntUnaryOperator bits) {
            FloatBuffer floats = FloatBuffer.allocate(size());
            while (floats.hasRemaining()) {
                floats.put(Float.intBitsToFloat(bits.applyAsInt(bytes.getShort() & 0xffff)));
            }
            return floats.flip();
        }
    }

    /** A tensor whose values are there. */
    public record Bytes(String dtype, long[] shape, ByteBuffer data) implements Tensor {}

    /**
     * A float32 array as it is at the time when its values are asked for: on the CPU they are the array's own memory, from a
     * GPU they are copied each time.
     */
    public record ArrayTensor(NDArray array) implements Tensor {
        @Override
        public String dtype() {
            return "F32";
        }

        @Override
        public long[] shape() {
            return array.getShape().getShape();
        }

        @Override
        public ByteBuffer data() {
            if (!array.getDevice().isGpu()) {
                return array.toByteBuffer(true);
            }
            try (NDArray copy = array.toDevice(Device.cpu(), true)) {
                return copy.toByteBuffer(false);
            }
        }
    }

    private static int halfToFloatBits(int half) {
        int sign = (half & 0x8000) << 16;
        int exponent = (half >> 10) & 31;
        int fraction = half & 0x3ff;
        if (exponent == 0) {
            return sign | Float.floatToRawIntBits(fraction * 0x1p-24f);
        }
        int wide = exponent == 31 ? 255 : exponent - 15 + 127;
        return sign | wide << 23 | fraction << 13;
    }

    /**
     * Maps a file.
     *
     * @return its tensors by name, in the file's order
     * @throws UserError if the file is missing or damaged
     */
    public static Map<String, Tensor> read(Path file) {
        try (FileChannel channel = FileChannel.open(file)) {
            ByteBuffer length = ByteBuffer.allocate(8).order(ByteOrder.LITTLE_ENDIAN);
            channel.read(length, 0);
            long headerLength = length.flip().remaining() == 8 ? length.getLong() : -1;
            if (headerLength < 2 || headerLength > Math.min(LONGEST_HEADER, channel.size() - 8)) {
                throw damaged(file, "it does not begin with the length of a header", null);
            }
            ByteBuffer header = ByteBuffer.allocate((int) headerLength);
            channel.read(header, 8);
            JsonNode json = JSON.readTree(header.array());
            Map<String, Tensor> tensors = new LinkedHashMap<>();
            for (Map.Entry<String, JsonNode> entry : json.properties()) {
                if (!entry.getKey().equals("__metadata__")) {
                    tensors.put(entry.getKey(), map(file, channel, 8 + headerLength, entry));
                }
            }
            return tensors;
        } catch (JacksonException e) {
            throw damaged(file, "its header is not JSON", e);
        } catch (IOException e) {
            throw new UserError(file + " cannot be read (" + e.getMessage() + ")", e);
        }
    }

    private static Tensor map(Path file, FileChannel channel, long origin, Map.Entry<String, JsonNode> entry)
            throws IOException {
        JsonNode value = entry.getValue();
        String dtype = value.path("dtype").asText();
        long[] shape = JSON.convertValue(value.path("shape"), long[].class);
        long from = value.path("data_offsets").path(0).asLong(-1);
        long to = value.path("data_offsets").path(1).asLong(-1);
        long values = Arrays.stream(shape).reduce(1, Math::multiplyExact);
        if (from < 0 || to - from != values * width(dtype) || origin + to > channel.size()) {
            throw damaged(file, "the bytes of tensor " + entry.getKey() + " do not fit its shape or the file", null);
        }
        ByteBuffer data = channel.map(FileChannel.MapMode.READ_ONLY, origin + from, to - from);
        return new Bytes(dtype, shape, data.order(ByteOrder.LITTLE_ENDIAN));
    }

    private static int width(String dtype) {
        return switch (dtype) {
            case "F64", "I64", "U64" -> 8;
            case "F32", "I32", "U32" -> 4;
            case "F16", "BF16", "I16", "U16" -> 2;
            default -> 1;
        };
    }

    private static UserError damaged(Path file, String reason, Exception cause) {
        return new UserError(file + " is not a whole safetensors file: " + reason + "; fetch or write it again", cause);
    }

    /**
     * Writes a file, tensor after tensor, and forces it to the disk. Not atomic: write to a staging path and rename.
     *
     * @param tensors by name, written in the map's order
     */
    public static void write(Path file, Map<String, ? extends Tensor> tensors) throws IOException {
        ObjectNode header = JSON.createObjectNode();
        header.putObject("__metadata__").put("format", "pt");
        long at = 0;
        for (Map.Entry<String, ? extends Tensor> entry : tensors.entrySet()) {
            Tensor tensor = entry.getValue();
            ObjectNode value = header.putObject(entry.getKey()).put("dtype", tensor.dtype());
            value.set("shape", JSON.valueToTree(tensor.shape()));
            long end = at + (long) width(tensor.dtype()) * tensor.size();
            value.putArray("data_offsets").add(at).add(end);
            at = end;
        }
        byte[] text = JSON.writeValueAsString(header).getBytes(StandardCharsets.UTF_8);
        int padded = (text.length + 7) / 8 * 8;
        ByteBuffer front = ByteBuffer.allocate(8 + padded).order(ByteOrder.LITTLE_ENDIAN);
        Arrays.fill(front.array(), (byte) ' ');
        front.putLong(padded).put(text).rewind();
        try (FileChannel channel = FileChannel.open(
                file, StandardOpenOption.CREATE, StandardOpenOption.TRUNCATE_EXISTING, StandardOpenOption.WRITE)) {
            writeAll(channel, front);
            for (Tensor tensor : tensors.values()) {
                writeAll(channel, tensor.data().duplicate());
            }
            channel.force(true);
        }
    }

    private static void writeAll(FileChannel channel, ByteBuffer bytes) throws IOException {
        while (bytes.hasRemaining()) {
            channel.write(bytes);
        }
    }
}
