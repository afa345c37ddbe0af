package io.sparkqa.torch;

import io.sparkqa.torch.TorchModule.Values;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/**
 * Pickles a TorchScript module: the few instructions of the format that libtorch's unpickler reads. A tensor refers to its values
 * by its number.
 */
final class ModulePickle {
    private static final char MARK = '(';
    private static final char TUPLE = 't';
    private static final char EMPTY_TUPLE = ')';
    private static final char EMPTY_DICTIONARY = '}';
    private static final char SET_ITEMS = 'u';
    private static final char NEW_OBJECT = 0x81;
    private static final char BUILD = 'b';
    private static final char CALL = 'R';
    private static final char PERSISTENT_ID = 'Q';
    private static final char INTEGER = 'J';
    private static final char TEXT = 'X';
    private static final char FALSE = 0x89;
    private static final char STOP = '.';

    private final ByteArrayOutputStream out = new ByteArrayOutputStream();
    private final List<Values> tensors = new ArrayList<>();

    private ModulePickle() {}

    static ModulePickle of(TorchModule module) {
        ModulePickle pickle = new ModulePickle();
        pickle.out.writeBytes(new byte[] {(byte) 0x80, 2}); // the format's version
        pickle.module(module);
        pickle.write(STOP);
        return pickle;
    }

    byte[] bytes() {
        return out.toByteArray();
    }

    /** Returns the tensors, in the order of their numbers. */
    List<Values> tensors() {
        return tensors;
    }

    private void module(TorchModule module) {
        global("__torch__", module.className());
        write(EMPTY_TUPLE, NEW_OBJECT, EMPTY_DICTIONARY, MARK);
        text("training");
        write(FALSE);
        module.parameters().forEach((name, values) -> {
            text(name);
            tensor(values);
        });
        module.modules().forEach((name, inside) -> {
            text(name);
            module(inside);
        });
        write(SET_ITEMS, BUILD);
    }

    private void tensor(Values values) {
        global("torch._utils", "_rebuild_tensor_v2");
        write(MARK, MARK);
        text("storage");
        global("torch", "FloatStorage");
        text(String.valueOf(tensors.size()));
        text("cpu");
        integer(values.values().remaining());
        write(TUPLE, PERSISTENT_ID);
        integer(0); // where the tensor begins in its storage
        long[] shape = values.shape();
        tuple(shape);
        tuple(strides(shape));
        write(FALSE); // requires no gradient
        global("collections", "OrderedDict");
        write(EMPTY_TUPLE, CALL); // no hooks
        write(TUPLE, CALL);
        tensors.add(values);
    }

    private static long[] strides(long[] shape) {
        long[] strides = new long[shape.length];
        long stride = 1;
        for (int i = shape.length - 1; i >= 0; i--) {
            strides[i] = stride;
            stride *= shape[i];
        }
        return strides;
    }

    private void tuple(long... numbers) {
        write(MARK);
        for (long number : numbers) {
            integer(Math.toIntExact(number));
        }
        write(TUPLE);
    }

    private void integer(int number) {
        write(INTEGER);
        fourBytes(number);
    }

    private void text(String text) {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        write(TEXT);
        fourBytes(bytes.length);
        out.writeBytes(bytes);
    }

    private void global(String module, String name) {
        out.writeBytes("c%s\n%s\n".formatted(module, name).getBytes(StandardCharsets.US_ASCII));
    }

    private void fourBytes(int number) {
        out.writeBytes(ByteBuffer.allocate(Integer.BYTES)
                .order(ByteOrder.LITTLE_ENDIAN)
                .putInt(number)
                .array());
    }

    private void write(char... instructions) {
        for (char instruction : instructions) {
            out.write(instruction);
        }
    }
}
