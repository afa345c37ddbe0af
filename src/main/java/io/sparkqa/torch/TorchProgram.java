package io.sparkqa.torch;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.pytorch.engine.PtNDManager;
import ai.djl.pytorch.engine.PtSymbolBlock;
import ai.djl.pytorch.jni.IValueUtils;
import ai.djl.pytorch.jni.JniUtils;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.UncheckedIOException;

/**
 * A TorchScript program loaded from its source; its methods are called by name with tensors and lists of tensors.
 *
 * <p>Not safe for use by several threads at once: argument names, which say how tensors group into lists, are set on
 * the arrays themselves.
 */
public final class TorchProgram implements AutoCloseable {
    private final PtSymbolBlock module;

    private TorchProgram(PtSymbolBlock module) {
        this.module = module;
    }

    /**
     * Loads a program.
     *
     * @param manager owns the program and says on which device it runs
     * @param className the module's class in the source
     * @param source serialized TorchScript
     */
    public static TorchProgram load(NDManager manager, String className, String source) {
        byte[] archive = TorchScriptArchive.of(className, source);
        try {
            return new TorchProgram(
                    JniUtils.loadModule((PtNDManager) manager, new ByteArrayInputStream(archive), false, false));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /**
     * Runs a method without recording gradients.
     *
     * @param scope owns what the method returns
     * @param method the method's name
     * @param arguments an {@link NDArray} for a tensor, an {@link NDList} (not empty) for a list of tensors
     * @return the tensors that the method returned
     */
    public NDList infer(NDManager scope, String method, Object... arguments) {
        return call(scope, false, method, arguments);
    }

    /** Runs a method that asks autograd for gradients; otherwise like {@link #infer}. */
    public NDList train(NDManager scope, String method, Object... arguments) {
        // The graph executor's own fusions fail in the bfloat16 backward pass; the switch belongs to the thread.
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
