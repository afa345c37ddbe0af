package io.sparkqa.model;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.core.JacksonException;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.MapperFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.sparkqa.config.Printable;
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
import java.util.Collection;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.IntUnaryOperator;

/**
 * The safetensors format: 8 bytes of header length (little-endian), a JSON header (name → dtype, shape, byte range),
 * then the tensors' raw little-endian bytes.
 */
public final class Safetensors {
    /** Most bytes of a header, as in the reference implementation. */
    private static final int LONGEST_HEADER = 100_000_000;

    /** Most tensors of a file; RoBERTa-large has 400. */
    private static final int MOST_TENSORS = 10_000;

    /** Most bytes of a tensor, the limit of a buffer's index. */
    private static final int LARGEST_TENSOR = Integer.MAX_VALUE;

    private static final int LENGTH_BYTES = 8;
    private static final String METADATA = "__metadata__";

    /** Bytes of a value, by type. */
    private static final Map<String, Integer> WIDTHS = new TreeMap<>(Map.ofEntries(
            Map.entry("BOOL", 1),
            Map.entry("U8", 1),
            Map.entry("I8", 1),
            Map.entry("F8_E5M2", 1),
            Map.entry("F8_E4M3", 1),
            Map.entry("I16", 2),
            Map.entry("U16", 2),
            Map.entry("F16", 2),
            Map.entry("BF16", 2),
            Map.entry("I32", 4),
            Map.entry("U32", 4),
            Map.entry("F32", 4),
            Map.entry("I64", 8),
            Map.entry("U64", 8),
            Map.entry("F64", 8)));

    private static final ObjectMapper JSON = JsonMapper.builder()
            .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
            .enable(DeserializationFeature.FAIL_ON_NULL_FOR_PRIMITIVES)
            .disable(MapperFeature.ALLOW_COERCION_OF_SCALARS)
            .disable(DeserializationFeature.ACCEPT_FLOAT_AS_INT)
            .build();

    private Safetensors() {}

    /** A tensor of a file, or one to be written. */
    public sealed interface Tensor permits Bytes, ArrayTensor {
        /** Returns the format's name of the type, such as F32. */
        String dtype();

        long[] shape();

        /** Returns the values, little-endian and row-major; read-only if they are mapped from a file. */
        ByteBuffer data();

        /** Returns a float32 tensor of zeros, in memory. */
        static Tensor zeros(long... shape) {
            int size = Math.toIntExact(Arrays.stream(shape).reduce(4, Math::multiplyExact));
            return new Bytes("F32", shape, ByteBuffer.allocateDirect(size).order(ByteOrder.LITTLE_ENDIAN));
        }

        /** Returns the number of values. */
        default int size() {
            return Math.toIntExact(Arrays.stream(shape()).reduce(1, Math::multiplyExact));
        }

        /** Returns whether {@link #floats} can return the values. */
        default boolean isFloat() {
            return List.of("F32", "F16", "BF16").contains(dtype());
        }

        /** Returns the values as float32; F16 and BF16 are widened. */
        default FloatBuffer floats() {
            ByteBuffer bytes = data().duplicate().order(ByteOrder.LITTLE_ENDIAN);
            return switch (dtype()) {
                case "F32" -> bytes.asFloatBuffer();
                case "BF16" -> widen(bytes, half -> half << 16);
                case "F16" -> widen(bytes, Safetensors::halfToFloatBits);
                default -> throw new IllegalStateException("a tensor of type " + dtype() + " has no float32 values");
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

    /** A tensor whose values are in a buffer. */
    public record Bytes(String dtype, long[] shape, ByteBuffer data) implements Tensor {}

    /**
     * A float32 array, read each time its values are asked for: on a CPU they are the array's own memory, from a GPU they
     * are copied.
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
     * @throws UserError if the file is missing or is not a whole safetensors file
     */
    public static Map<String, Tensor> read(Path file) {
        try (FileChannel channel = FileChannel.open(file)) {
            ByteBuffer length = ByteBuffer.allocate(LENGTH_BYTES).order(ByteOrder.LITTLE_ENDIAN);
            channel.read(length, 0);
            long headerLength = length.hasRemaining() ? -1 : length.getLong(0);
            if (headerLength < 2 || headerLength > channel.size() - LENGTH_BYTES) {
                throw damaged(file, "it does not begin with the length of a header");
            }
            if (headerLength > LONGEST_HEADER) {
                throw damaged(
                        file,
                        String.format(
                                Locale.ROOT,
                                "its header has %,d bytes; the limit is %,d",
                                headerLength,
                                LONGEST_HEADER));
            }
            ByteBuffer header = ByteBuffer.allocate((int) headerLength);
            channel.read(header, LENGTH_BYTES);
            return map(file, channel, LENGTH_BYTES + headerLength, entries(file, header.array()));
        } catch (JacksonException e) {
            throw damaged(
                    file, "its header is not JSON that gives each tensor's dtype, shape and data_offsets once", e);
        } catch (IOException e) {
            throw new UserError(
                    "%s: can't be read (%s)".formatted(file, Printable.of(String.valueOf(e.getMessage()))), e);
        }
    }

    /** A tensor's entry in the header; the offsets count from the end of the header. */
    private record Entry(String dtype, long[] shape, @JsonProperty("data_offsets") long[] offsets) {
        private static final Comparator<Entry> BY_PLACE =
                Comparator.<Entry>comparingLong(entry -> entry.offsets[0]).thenComparingLong(entry -> entry.offsets[1]);
    }

    private static Map<String, Entry> entries(Path file, byte[] header) throws IOException {
        Map<String, Entry> entries = new LinkedHashMap<>();
        try (JsonParser json = JSON.createParser(header)) {
            if (json.nextToken() != JsonToken.START_OBJECT) {
                throw damaged(file, "its header is not a JSON object");
            }
            while (json.nextToken() == JsonToken.FIELD_NAME) {
                String name = json.currentName();
                json.nextToken();
                if (name.equals(METADATA)) {
                    json.skipChildren();
                } else {
                    entries.put(name, json.readValueAs(Entry.class));
                }
                if (entries.size() > MOST_TENSORS) {
                    throw damaged(
                            file,
                            String.format(
                                    Locale.ROOT, "it has more than %,d tensors, which is the limit", MOST_TENSORS));
                }
            }
            if (json.nextToken() != null) {
                throw damaged(file, "something follows the header's JSON object");
            }
        }
        return entries;
    }

    private static Map<String, Tensor> map(Path file, FileChannel channel, long origin, Map<String, Entry> entries)
            throws IOException {
        long size = channel.size() - origin;
        Map<String, Tensor> tensors = new LinkedHashMap<>();
        for (Map.Entry<String, Entry> named : entries.entrySet()) {
            Entry entry = named.getValue();
            String wrong = wrong(entry, size);
            if (!wrong.isEmpty()) {
                throw damaged(file, "tensor %s %s".formatted(Printable.of(named.getKey()), wrong));
            }
            long from = entry.offsets[0];
            ByteBuffer data = channel.map(FileChannel.MapMode.READ_ONLY, origin + from, entry.offsets[1] - from);
            tensors.put(named.getKey(), new Bytes(entry.dtype, entry.shape, data.order(ByteOrder.LITTLE_ENDIAN)));
        }
        if (!fills(entries.values(), size)) {
            throw damaged(file, "its tensors overlap or do not fill it");
        }
        return tensors;
    }

    /** Returns whether the tensors fill all bytes without gaps or overlaps. */
    private static boolean fills(Collection<Entry> entries, long size) {
        long at = 0;
        for (Entry entry : entries.stream().sorted(Entry.BY_PLACE).toList()) {
            if (entry.offsets[0] != at) {
                return false;
            }
            at = entry.offsets[1];
        }
        return at == size;
    }

    /**
     * Returns why an entry is invalid; empty if it is valid.
     *
     * @param size bytes of all tensors of the file
     */
    private static String wrong(Entry entry, long size) {
        if (entry == null || entry.dtype == null || entry.shape == null || entry.offsets == null) {
            return "lacks its dtype, shape or data_offsets";
        }
        if (!WIDTHS.containsKey(entry.dtype)) {
            return "has the type %s, which is none of %s".formatted(Printable.of(entry.dtype), WIDTHS.keySet());
        }
        if (entry.offsets.length != 2
                || entry.offsets[0] < 0
                || entry.offsets[1] < entry.offsets[0]
                || entry.offsets[1] > size) {
            return "has the data_offsets %s, which are not in the file"
                    .formatted(Printable.of(Arrays.toString(entry.offsets)));
        }
        long length = entry.offsets[1] - entry.offsets[0];
        if (length > LARGEST_TENSOR) {
            return String.format(Locale.ROOT, "has %,d bytes; the limit is %,d", length, LARGEST_TENSOR);
        }
        return bytes(entry.shape, WIDTHS.get(entry.dtype), length) == length
                ? ""
                : String.format(
                        Locale.ROOT,
                        "has %,d bytes, which do not fit its shape %s",
                        length,
                        Printable.of(Arrays.toString(entry.shape)));
    }

    /** Returns the size of a tensor in bytes, or -1 if a dimension is negative or the size exceeds {@code most}. */
    private static long bytes(long[] shape, int width, long most) {
        if (Arrays.stream(shape).anyMatch(dimension -> dimension < 0)) {
            return -1;
        }
        if (Arrays.stream(shape).anyMatch(dimension -> dimension == 0)) {
            return 0;
        }
        long bytes = width;
        for (long dimension : shape) {
            if (bytes > most / dimension) {
                return -1;
            }
            bytes *= dimension;
        }
        return bytes;
    }

    private static UserError damaged(Path file, String reason) {
        return damaged(file, reason, null);
    }

    private static UserError damaged(Path file, String reason, Exception cause) {
        return new UserError(
                "%s: not a whole safetensors file: %s; fetch or write it again".formatted(file, reason), cause);
    }

    /**
     * Writes a file and forces it to the disk. Not atomic: write to a staging path and rename it.
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
            long end = at + (long) WIDTHS.get(tensor.dtype()) * tensor.size();
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
