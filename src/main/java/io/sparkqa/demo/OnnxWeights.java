package io.sparkqa.demo;

import io.sparkqa.config.UserError;
import java.io.IOException;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * The float32 weights of an ONNX file. It is a protobuf message (protobuf.dev/programming-guides/encoding) of the type
 * {@code ModelProto} (onnx.proto of github.com/onnx/onnx); this reads only the fields that lead to the weights.
 */
final class OnnxWeights {
    private static final int MODEL_GRAPH = 7;
    private static final int GRAPH_NODE = 1;
    private static final int GRAPH_INITIALIZER = 5;
    private static final int NODE_INPUT = 1;
    private static final int NODE_NAME = 3;
    private static final int TENSOR_DIMS = 1;
    private static final int TENSOR_TYPE = 2;
    private static final int TENSOR_NAME = 8;
    private static final int TENSOR_RAW_DATA = 9;
    private static final int FLOAT = 1;

    private final Path file;
    private final Map<String, Matrix> initializers = new HashMap<>();
    private final Map<String, List<String>> nodeInputs = new HashMap<>();

    /**
     * A weight.
     *
     * @param values row-major
     */
    record Matrix(long[] shape, FloatBuffer values) {
        /** The values column by column: those of the transposed matrix. */
        FloatBuffer transposed() {
            int rows = (int) shape[0];
            int columns = (int) shape[1];
            FloatBuffer turned = FloatBuffer.allocate(rows * columns);
            for (int column = 0; column < columns; column++) {
                for (int row = 0; row < rows; row++) {
                    turned.put(values.get(row * columns + column));
                }
            }
            return turned.flip();
        }
    }

    private OnnxWeights(Path file) {
        this.file = file;
    }

    /**
     * Maps a file.
     *
     * @throws UserError if it cannot be read or is no ONNX file
     */
    static OnnxWeights read(Path file) {
        OnnxWeights weights = new OnnxWeights(file);
        try (FileChannel channel = FileChannel.open(file)) {
            fields(channel.map(FileChannel.MapMode.READ_ONLY, 0, channel.size()), (field, number, model) -> {
                if (field == MODEL_GRAPH) {
                    fields(model, weights::addOfGraph);
                }
            });
        } catch (IOException e) {
            throw new UserError("%s cannot be read: %s".formatted(file, e.getMessage()), e);
        } catch (BufferUnderflowException | IllegalArgumentException e) {
            throw new UserError(file + " is not a whole ONNX file; run mvn clean package", e);
        }
        return weights;
    }

    /** Returns the weight of that name. */
    Matrix initializer(String name) {
        Matrix matrix = initializers.get(name);
        if (matrix == null) {
            throw new UserError("%s has no float32 initializer %s".formatted(file, name));
        }
        return matrix;
    }

    /** Returns the weight that the node of that name takes as its last input. */
    Matrix weightOf(String node) {
        List<String> inputs = nodeInputs.getOrDefault(node, List.of());
        if (inputs.isEmpty()) {
            throw new UserError("%s has no node %s".formatted(file, node));
        }
        return initializer(inputs.get(inputs.size() - 1));
    }

    private void addOfGraph(int field, long number, ByteBuffer message) {
        if (field == GRAPH_NODE) {
            addNode(message);
        } else if (field == GRAPH_INITIALIZER) {
            addInitializer(message);
        }
    }

    private void addNode(ByteBuffer node) {
        StringBuilder name = new StringBuilder();
        List<String> inputs = new ArrayList<>();
        fields(node, (field, number, bytes) -> {
            if (field == NODE_NAME) {
                name.append(text(bytes));
            } else if (field == NODE_INPUT) {
                inputs.add(text(bytes));
            }
        });
        nodeInputs.put(name.toString(), inputs);
    }

    private void addInitializer(ByteBuffer tensor) {
        StringBuilder name = new StringBuilder();
        List<Long> shape = new ArrayList<>();
        List<ByteBuffer> floats = new ArrayList<>();
        List<Long> types = new ArrayList<>();
        fields(tensor, (field, number, bytes) -> {
            switch (field) {
                case TENSOR_DIMS -> shape.add(number);
                case TENSOR_TYPE -> types.add(number);
                case TENSOR_NAME -> name.append(text(bytes));
                case TENSOR_RAW_DATA -> floats.add(bytes);
                default -> {}
            }
        });
        if (types.contains((long) FLOAT) && floats.size() == 1) {
            long[] dimensions = shape.stream().mapToLong(Long::longValue).toArray();
            FloatBuffer values = floats.get(0).order(ByteOrder.LITTLE_ENDIAN).asFloatBuffer();
            if (Arrays.stream(dimensions).reduce(1, Math::multiplyExact) != values.remaining()) {
                throw new IllegalArgumentException(name + " has other values than its shape says");
            }
            initializers.put(name.toString(), new Matrix(dimensions, values));
        }
    }

    /** Takes a field of a message: its number, and its value, which is an integer or bytes. */
    @FunctionalInterface
    private interface FieldReader {
        void read(int field, long number, ByteBuffer bytes);
    }

    private static void fields(ByteBuffer message, FieldReader reader) {
        ByteBuffer rest = message.duplicate();
        while (rest.hasRemaining()) {
            long key = varint(rest);
            int field = (int) (key >>> 3);
            switch ((int) key & 7) {
                case 0 -> reader.read(field, varint(rest), ByteBuffer.allocate(0));
                case 1 -> skip(rest, Long.BYTES);
                case 2 -> {
                    long length = varint(rest);
                    if (length < 0 || length > rest.remaining()) {
                        throw new BufferUnderflowException();
                    }
                    ByteBuffer bytes = rest.slice(rest.position(), (int) length);
                    skip(rest, (int) length);
                    reader.read(field, 0, bytes);
                }
                case 5 -> skip(rest, Integer.BYTES);
                default -> throw new IllegalArgumentException("a field of an unknown kind");
            }
        }
    }

    private static void skip(ByteBuffer bytes, int count) {
        bytes.position(bytes.position() + count);
    }

    private static long varint(ByteBuffer bytes) {
        long value = 0;
        for (int shift = 0; shift < Long.SIZE; shift += 7) {
            byte next = bytes.get();
            value |= (long) (next & 0x7f) << shift;
            if (next >= 0) {
                return value;
            }
        }
        throw new IllegalArgumentException("a number of more than 64 bits");
    }

    private static String text(ByteBuffer bytes) {
        return StandardCharsets.UTF_8.decode(bytes).toString();
    }
}
