package io.sparkqa.torch;

import ai.djl.engine.EngineException;
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
import java.io.UncheckedIOException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * A TorchScript program loaded from a Python file. Its methods are called by name with tensors, lists and dictionaries.
 *
 * <p>Not thread-safe: a call sets the names of its arrays, which tell DJL how the arrays form lists and dictionaries.
 */
public final class TorchProgram implements AutoCloseable {
    private final PtSymbolBlock module;
    private final boolean onGpu;

    private TorchProgram(PtSymbolBlock module, boolean onGpu) {
        this.module = module;
        this.onGpu = onGpu;
    }

    /**
     * Loads a program from a file.
     *
     * @param manager owns the program and determines its device
     */
    public static TorchProgram load(NDManager manager, TorchFile file) {
        return load(manager, file, Map.of());
    }

    /**
     * Loads a program from several files.
     *
     * @param manager owns the program and determines its device
     * @param main the file of the module whose methods are called
     * @param parts the files of the modules that it holds, by the names of its attributes
     */
    public static TorchProgram load(NDManager manager, TorchFile main, Map<String, TorchFile> parts) {
        Map<String, TorchModule> modules = new LinkedHashMap<>();
        parts.forEach((attribute, part) -> modules.put(attribute, TorchModule.of(part.className())));
        TorchModule module = new TorchModule(main.className(), Map.of(), modules);
        ByteArrayOutputStream archive = new ByteArrayOutputStream();
        try {
            TorchScriptArchive.write(archive, module, TorchSource.of(main, List.copyOf(parts.values())));
            return new TorchProgram(
                    JniUtils.loadModule(
                            (PtNDManager) manager, new ByteArrayInputStream(archive.toByteArray()), false, false),
                    manager.getDevice().isGpu());
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
     * @throws OutOfMemory if the device's memory does not hold what the method needs
     */
    public NDList infer(NDManager scope, String method, Object... arguments) {
        if (onGpu) {
            // The graph executor would compile kernels for the shapes of many batches. The setting is per thread.
            JniUtils.setGraphExecutorOptimize(false);
        }
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
        } catch (EngineException e) {
            throw OutOfMemory.of(e).<RuntimeException>map(lack -> lack).orElse(e);
        }
    }

    @Override
    public void close() {
        module.close();
    }
}
