package io.sparkqa.model;

import io.sparkqa.Mutations;
import io.sparkqa.References;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.SplittableRandom;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Broken weights are refused with a message that names the file, whatever is broken. */
class SafetensorsFuzzTest {
    @TempDir
    Path folder;

    private Path file;

    @BeforeEach
    void nameTheFile() {
        file = folder.resolve("model.safetensors");
    }

    @Test
    void brokenBytesAreRefusedByName() throws Exception {
        Mutations.check(file, tensors(), Mutations::bytes, SafetensorsFuzzTest::read);
    }

    @Test
    void aBrokenHeaderOfTheRightLengthIsRefusedByName() throws Exception {
        Mutations.check(file, tensors(), SafetensorsFuzzTest::changeHeader, SafetensorsFuzzTest::read);
    }

    @Test
    void aModelWithBrokenWeightsIsRefusedByName() throws Exception {
        Files.writeString(folder.resolve("config.json"), TinyNetwork.JSON);
        Safetensors.write(file, ModelFolder.random(TinyNetwork.config(), 3).tensors());
        Mutations.check(
                file,
                Files.readAllBytes(file),
                SafetensorsFuzzTest::changeHeader,
                changed -> ModelFolder.read(folder, 0));
    }

    @Test
    void brokenFilesFoundBeforeAreRefusedByName() throws Exception {
        for (String reader : new String[] {"safetensors-", "modelfolder-weights-"}) {
            for (byte[] input : References.brokenInputs(reader)) {
                Mutations.checkOne(file, input, SafetensorsFuzzTest::read);
            }
        }
    }

    private byte[] tensors() throws IOException {
        Map<String, Safetensors.Tensor> tensors = new LinkedHashMap<>();
        tensors.put("matrix", Safetensors.Tensor.zeros(3, 4));
        tensors.put("half", new Safetensors.Bytes("F16", new long[] {5}, ByteBuffer.allocate(10)));
        tensors.put("ids", new Safetensors.Bytes("I64", new long[] {1, 2}, ByteBuffer.allocate(16)));
        Safetensors.write(file, tensors);
        return Files.readAllBytes(file);
    }

    private static void read(Path file) {
        for (Safetensors.Tensor tensor : Safetensors.read(file).values()) {
            if (tensor.isFloat()) {
                tensor.floats();
            }
        }
    }

    private static byte[] changeHeader(byte[] valid, SplittableRandom random) {
        int length = ByteBuffer.wrap(valid).order(ByteOrder.LITTLE_ENDIAN).getInt();
        byte[] header = Mutations.json(Arrays.copyOfRange(valid, 8, 8 + length), random);
        return ByteBuffer.allocate(valid.length - length + header.length)
                .order(ByteOrder.LITTLE_ENDIAN)
                .putLong(header.length)
                .put(header)
                .put(valid, 8 + length, valid.length - 8 - length)
                .array();
    }
}
