package io.sparkqa;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.databind.util.RawValue;
import io.sparkqa.config.UserError;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;

/**
 * Feeds a reader with mutations of a valid input. Each outcome must be a value or a {@link UserError} that names the file in
 * a message of bounded length without control characters.
 *
 * <p>The mutations depend on their number alone, so a failure is repeatable. By default a check takes at most three
 * seconds; {@code -Dsparkqa.fuzz.seconds=N} makes it go on for N seconds.
 */
public final class Mutations {
    private static final int CASES = 1500;
    private static final int SECONDS = 3;

    /** Longest time for one input, far above what the inputs here need. */
    private static final int HANG_SECONDS = 20;

    private static final int LONGEST_MESSAGE = 4000;
    private static final ObjectMapper JSON_MAPPER = new ObjectMapper();

    private static final long[] NUMBERS = {
        0,
        1,
        -1,
        2,
        7,
        127,
        128,
        255,
        256,
        65_535,
        65_536,
        Integer.MAX_VALUE,
        Integer.MIN_VALUE,
        1L << 31,
        1L << 32,
        1L << 53,
        Long.MAX_VALUE,
        Long.MIN_VALUE,
        Long.MAX_VALUE - 7,
        1L << 62
    };

    private static final List<String> JSON_VALUES = List.of(
            "null",
            "true",
            "0",
            "-1",
            "1.5",
            "-1e308",
            "1e308",
            "1e-320",
            "1e999999999",
            "2147483648",
            "9223372036854775807",
            "18446744073709551616",
            "9".repeat(2000),
            "\"\"",
            "\"x\"",
            "\"-7\"",
            "\"\\u0000\"",
            "\"\\u001b[31m\\r\\n\"",
            "\"\\ud800\"",
            "\"" + "a".repeat(100_000) + "\"",
            "[]",
            "{}",
            "[null]",
            "[[1]]",
            "{\"\":null}",
            "[".repeat(3000) + "]".repeat(3000),
            "{\"a\":".repeat(1500) + "1" + "}".repeat(1500));

    private Mutations() {}

    /** Makes a broken input from a valid one. */
    @FunctionalInterface
    public interface Mutation {
        byte[] of(byte[] valid, SplittableRandom random);
    }

    /** Reads a file to the last value, so that nothing is left to fail later. */
    @FunctionalInterface
    public interface Reader {
        void read(Path file) throws Exception;
    }

    /** Changes bytes anywhere: flips, inserts, deletes, copies and truncates them, and writes extreme numbers over them. */
    public static byte[] bytes(byte[] valid, SplittableRandom random) {
        byte[] mutated = valid;
        for (int i = random.nextInt(1, 4); i > 0; i--) {
            mutated = changeBytes(mutated, random);
        }
        return mutated;
    }

    /** Changes JSON text: mostly its values and keys, at times its bytes. */
    public static byte[] json(byte[] valid, SplittableRandom random) {
        if (random.nextInt(4) == 0) {
            return bytes(valid, random);
        }
        try {
            JsonNode tree = JSON_MAPPER.readTree(valid);
            for (int i = random.nextInt(1, 4); i > 0; i--) {
                tree = changeTree(tree, random);
            }
            return JSON_MAPPER.writeValueAsString(tree).getBytes(StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /**
     * Writes mutation after mutation to a file and reads it.
     *
     * @param file is replaced each time
     * @param valid an input that the reader takes
     */
    public static void check(Path file, byte[] valid, Mutation mutation, Reader reader) throws Exception {
        Files.write(file, valid);
        reader.read(file);
        Integer wished = Integer.getInteger("sparkqa.fuzz.seconds");
        long end = System.nanoTime() + (wished == null ? SECONDS : wished) * 1_000_000_000L;
        for (int number = 0; (wished != null || number < CASES) && System.nanoTime() < end; number++) {
            check(file, mutation.of(valid, new SplittableRandom(number)), reader, number);
        }
    }

    /** Writes an input to a file and reads it. */
    public static void checkOne(Path file, byte[] input, Reader reader) throws Exception {
        check(file, input, reader, -1);
    }

    private static void check(Path file, byte[] mutated, Reader reader, int number) throws IOException {
        Files.write(file, mutated);
        long start = System.nanoTime();
        try {
            reader.read(file);
        } catch (UserError e) {
            assertThat(e.getMessage())
                    .as("the message for mutation %s", number)
                    .contains(file.getFileName().toString())
                    .hasSizeLessThan(LONGEST_MESSAGE);
            assertThat(e.getMessage().chars().filter(c -> c != '\n' && Character.isISOControl(c)))
                    .as("control characters in the message for mutation %s", number)
                    .isEmpty();
        } catch (Throwable e) {
            throw new AssertionError(
                    "mutation %d of %s ends in %s; it begins with %s"
                            .formatted(number, file.getFileName(), e, head(mutated)),
                    e);
        }
        assertThat((System.nanoTime() - start) / 1_000_000_000L)
                .as("seconds for mutation %s", number)
                .isLessThan(HANG_SECONDS);
    }

    private static String head(byte[] bytes) {
        return new String(bytes, 0, Math.min(bytes.length, 400), StandardCharsets.ISO_8859_1);
    }

    private static byte[] changeBytes(byte[] bytes, SplittableRandom random) {
        if (bytes.length == 0) {
            return new byte[] {(byte) random.nextInt()};
        }
        int at = random.nextInt(bytes.length);
        int end = Math.min(bytes.length, at + 1 + random.nextInt(random.nextBoolean() ? 8 : bytes.length));
        return switch (random.nextInt(8)) {
            case 0 -> Arrays.copyOf(bytes, at);
            case 1 -> join(bytes, at, new byte[0], end);
            case 2 -> join(bytes, at, Arrays.copyOfRange(bytes, at, end), at);
            case 3 -> join(
                    bytes,
                    at,
                    random.ints(end - at)
                            .collect(ByteArrayOutputStream::new, ByteArrayOutputStream::write, (a, b) -> {})
                            .toByteArray(),
                    at);
            case 4 -> overwrite(bytes, at, number(random, random.nextBoolean() ? 4 : 8));
            case 5 -> overwrite(bytes, 0, number(random, 8));
            case 6 -> overwrite(bytes, at, new byte[] {(byte) NUMBERS[random.nextInt(NUMBERS.length)]});
            default -> overwrite(bytes, at, new byte[] {(byte) (bytes[at] ^ 1 << random.nextInt(8))});
        };
    }

    /** Returns the bytes before one place, the other bytes, and the bytes from another place on. */
    private static byte[] join(byte[] bytes, int before, byte[] others, int after) {
        return ByteBuffer.allocate(before + others.length + bytes.length - after)
                .put(bytes, 0, before)
                .put(others)
                .put(bytes, after, bytes.length - after)
                .array();
    }

    private static byte[] overwrite(byte[] bytes, int at, byte[] by) {
        byte[] copy = bytes.clone();
        System.arraycopy(by, 0, copy, at, Math.min(by.length, bytes.length - at));
        return copy;
    }

    private static byte[] number(SplittableRandom random, int width) {
        long value = NUMBERS[random.nextInt(NUMBERS.length)];
        byte[] eight = ByteBuffer.allocate(8)
                .order(ByteOrder.LITTLE_ENDIAN)
                .putLong(value)
                .array();
        return Arrays.copyOf(eight, width);
    }

    private static JsonNode changeTree(JsonNode tree, SplittableRandom random) {
        List<JsonNode> parents = new ArrayList<>();
        collectParents(tree, parents);
        if (parents.isEmpty() || random.nextInt(50) == 0) {
            return extreme(random);
        }
        JsonNode parent = parents.get(random.nextInt(parents.size()));
        if (parent instanceof ObjectNode object) {
            List<String> keys = new ArrayList<>();
            object.fieldNames().forEachRemaining(keys::add);
            String key = keys.get(random.nextInt(keys.size()));
            switch (random.nextInt(5)) {
                case 0 -> object.remove(key);
                case 1 -> object.set(key + (random.nextBoolean() ? "\u0000x" : " "), object.remove(key));
                case 2 -> object.set(
                        key, object.get(keys.get(random.nextInt(keys.size()))).deepCopy());
                default -> object.set(key, extreme(random));
            }
        } else {
            ArrayNode array = (ArrayNode) parent;
            int at = random.nextInt(array.size());
            switch (random.nextInt(4)) {
                case 0 -> array.remove(at);
                case 1 -> array.insert(at, array.get(at).deepCopy());
                default -> array.set(at, extreme(random));
            }
        }
        return tree;
    }

    private static void collectParents(JsonNode node, List<JsonNode> parents) {
        if (node.isContainerNode() && !node.isEmpty()) {
            parents.add(node);
            node.forEach(child -> collectParents(child, parents));
        }
    }

    private static JsonNode extreme(SplittableRandom random) {
        String text = JSON_VALUES.get(random.nextInt(JSON_VALUES.size()));
        return JsonNodeFactory.instance.rawValueNode(new RawValue(text));
    }
}
