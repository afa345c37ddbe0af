package io.sparkqa.torch;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.pytorch.engine.PtNDManager;
import ai.djl.pytorch.engine.PtSymbolBlock;
import ai.djl.pytorch.jni.IValueUtils;
import ai.djl.pytorch.jni.JniUtils;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Map;

/**
 * A TorchScript program loaded from a Python file. Its methods are called by name with tensors, lists and dictionaries.
 *
 * <p>Not thread-safe: a call sets the names of its arrays, which tell DJL how the arrays form lists and dictionaries.
 */
public final class TorchProgram implements AutoCloseable {
    private final PtSymbolBlock module;

    private TorchProgram(PtSymbolBlock module) {
        this.module = module;
    }

    /**
     * Loads a program from a Python file among the resources.
     *
     * @param manager owns the program and determines its device
     * @param neighbour a class whose package contains the file
     * @param className the module's class in the file
     * @param constants values that replace those of the constants at the top of the file
     */
    public static TorchProgram load(
            NDManager manager, Class<?> neighbour, String file, String className, Map<String, ?> constants) {
        return load(manager, className, text(neighbour, file), constants);
    }

    /** Returns the text of a Python file among the resources, in the package of a class. */
    public static String text(Class<?> neighbour, String file) {
        try (InputStream in = neighbour.getResourceAsStream(file)) {
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Loads a program from the text of a Python file. */
    public static TorchProgram load(NDManager manager, String className, String python, Map<String, ?> constants) {
        ByteArrayOutputStream archive = new ByteArrayOutputStream();
        try {
            TorchScriptArchive.write(archive, TorchModule.of(className), TorchSource.of(python, constants));
            return new TorchProgram(JniUtils.loadModule(
                    (PtNDManager) manager, new ByteArrayInputStream(archive.toByteArray()), false, false));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /**
     * Runs a method without recording gradients.
     *
     * @param scope owns the returned tensors
     * @param method the method's name
     * @param arguments an {@link NDArray} for a tensor, an {@link NDList} for a list of tensors, a map from strings to arrays
     *     for a dictionary of tensors; neither may be empty
     * @return the tensors that the method returned
     */
    public NDList infer(NDManager scope, String method, Object... arguments) {
        return call(scope, false, method, arguments);
    }

    /** Runs a method that asks autograd for gradients. Otherwise like {@link #infer}. */
    public NDList train(NDManager scope, String method, Object... arguments) {
        // The graph executor's fusions fail in the bfloat16 backward pass. The setting is per thread.
        JniUtils.setGraphExecutorOptimize(false);
        boolean recording = JniUtils.isGradMode();
        JniUtils.setGradMode(true);
        try {
            return call(scope, true, method, arguments);
        } finally {
            JniUtils.setGradMode(recording);
        }
    }

    private NDList call(NDManager scope, boolean train, String method, Object... arguments) {
        NDList inputs = new NDList();
        for (int i = 0; i < arguments.length; i++) {
            if (arguments[i] instanceof NDList list) {
                for (NDArray array : list) {
                    array.setName("a" + i + "[]");
                    inputs.add(array);
                }
            } else if (arguments[i] instanceof Map<?, ?> map) {
                for (Map.Entry<?, ?> entry : map.entrySet()) {
                    NDArray array = (NDArray) entry.getValue();
                    array.setName("a" + i + "." + entry.getKey());
                    inputs.add(array);
                }
            } else {
                NDArray array = (NDArray) arguments[i];
                array.setName(null);
                inputs.add(array);
            }
        }
        try (NDManager names = scope.newSubManager()) {
            NDArray name = names.create(0);
            name.setName("module_method:" + method);
            inputs.add(name);
            NDList outputs = IValueUtils.forward(module, inputs, train);
            outputs.attach(scope);
            return outputs;
        }
    }

    @Override
    public void close() {
        module.close();
    }
}
