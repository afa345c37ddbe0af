package io.sparkqa.torch;

import com.sun.jna.NativeLibrary;
import com.sun.jna.Pointer;
import java.util.Map;
import java.util.Set;

/**
 * Makes libtorch add in a fixed order on a GPU, so that the same step gives the same bits each time, as it does on a CPU: the
 * counterpart of Python's {@code torch.use_deterministic_algorithms}. It holds for the whole process.
 */
public final class DeterministicKernels {
    private static final String VARIABLE = "CUBLAS_WORKSPACE_CONFIG";

    /** The values with which cuBLAS adds in a fixed order. With any other, libtorch would refuse matrix products. */
    private static final Set<String> FIXED = Set.of(":4096:8", ":16:8");

    private DeterministicKernels() {}

    /** Chooses them if the environment gives cuBLAS the memory for it. Must be called after libtorch is loaded. */
    public static void choose() {
        if (allowedBy(System.getenv())) {
            set(true);
        }
    }

    static boolean allowedBy(Map<String, String> environment) {
        return FIXED.contains(environment.getOrDefault(VARIABLE, ""));
    }

    static void set(boolean on) {
        call("_ZN2at7Context26setDeterministicAlgorithmsEbb", on, false);
        // new tensors are always written before they are read, so they need not be filled
        call("_ZN2at7Context39setDeterministicFillUninitializedMemoryEb", false);
    }

    static boolean areSet() {
        return (call("_ZNK2at7Context23deterministicAlgorithmsEv") & 0xff) != 0;
    }

    /** Calls a method of libtorch's global context by its mangled name. */
    private static int call(String method, Boolean... arguments) {
        // the name alone finds the library that DJL has loaded
        NativeLibrary libtorch = NativeLibrary.getInstance("libtorch_cpu.so");
        Pointer context = libtorch.getFunction("_ZN2at13globalContextEv").invokePointer(new Object[0]);
        Object[] all = new Object[arguments.length + 1];
        all[0] = context;
        System.arraycopy(arguments, 0, all, 1, arguments.length);
        return libtorch.getFunction(method).invokeInt(all);
    }
}
