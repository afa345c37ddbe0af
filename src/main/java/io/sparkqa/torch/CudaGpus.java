package io.sparkqa.torch;

import com.sun.jna.Function;
import com.sun.jna.NativeLibrary;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * The GPUs that CUDA's runtime library, cudart, counts for this process.
 *
 * @param count 0 if there is a problem
 * @param version of cudart, such as {@code 12.6}; empty if it was not found
 * @param problem why it counts none, and what to do; empty if it counts some
 */
record CudaGpus(int count, String version, String problem) {
    /** The count without a libtorch for CUDA, which is not asked for. */
    static final CudaGpus NOT_ASKED = new CudaGpus(0, "", "");

    private static final int SUCCESS = 0;
    private static final int DRIVER_TOO_OLD = 35;
    /** Numbers of device attributes in CUDA's driver_types.h. */
    private static final int CAPABILITY_MAJOR = 75;

    private static final int CAPABILITY_MINOR = 76;
    private static final String CUDART = "cudart";
    private static final String FILE = "libcudart(-\\w+)?\\.so(\\.\\d+)*";

    /** Asks the cudart that lies beside libtorch, in a folder of {@code LD_LIBRARY_PATH}, or where the system looks. */
    static CudaGpus of(Libtorch libtorch, Map<String, String> environment) {
        return of(folders(libtorch, environment), CUDART);
    }

    /** Asks the cudart in one of the folders, else the library that the system finds under a name. */
    static CudaGpus of(List<Path> folders, String system) {
        try {
            return count(cudart(folders, system));
        } catch (LinkageError e) {
            String problem = find(folders)
                    .map(file -> "CUDA's library %s can't be loaded (%s)".formatted(file, e.getMessage()))
                    .orElse("CUDA's library cudart is neither in %s nor where the system looks".formatted(folders));
            return new CudaGpus(
                    0,
                    "",
                    problem
                            + "; install torch with its nvidia packages, or load a CUDA module that sets CUDA_HOME or LD_LIBRARY_PATH");
        }
    }

    /** Returns the compute capability of a GPU that CUDA counts: 80 for 8.0. */
    static int computeCapability(int gpu, Libtorch libtorch, Map<String, String> environment) {
        Function attribute = cudart(folders(libtorch, environment), CUDART).getFunction("cudaDeviceGetAttribute");
        int[] major = new int[1];
        int[] minor = new int[1];
        attribute.invokeInt(new Object[] {major, CAPABILITY_MAJOR, gpu});
        attribute.invokeInt(new Object[] {minor, CAPABILITY_MINOR, gpu});
        return 10 * major[0] + minor[0];
    }

    /** A GPU's memory, in bytes: all of it, and what no process holds. */
    record Memory(long total, long free) {
        /** Share of the memory that the driver and this process hold before a network is opened, or less. */
        private static final double HELD_AT_FIRST = 0.1;

        /**
         * Returns the memory that this process may count on: all of it, if it seems to be alone, so that its budgets are the same
         * in every run; else what is free.
         */
        long available() {
            return total - free <= HELD_AT_FIRST * total ? total : free;
        }
    }

    /** Returns the memory of a GPU that CUDA counts. */
    static Memory memory(int gpu, Libtorch libtorch, Map<String, String> environment) {
        NativeLibrary cudart = cudart(folders(libtorch, environment), CUDART);
        int[] before = new int[1];
        long[] free = new long[1];
        long[] total = new long[1];
        cudart.getFunction("cudaGetDevice").invokeInt(new Object[] {before});
        cudart.getFunction("cudaSetDevice").invokeInt(new Object[] {gpu});
        int result = cudart.getFunction("cudaMemGetInfo").invokeInt(new Object[] {free, total});
        cudart.getFunction("cudaSetDevice").invokeInt(new Object[] {before[0]});
        if (result != SUCCESS) {
            throw new IllegalStateException("CUDA does not tell the memory of GPU " + gpu + " (error " + result + ")");
        }
        return new Memory(total[0], free[0]);
    }

    private static List<Path> folders(Libtorch libtorch, Map<String, String> environment) {
        List<Path> folders = new ArrayList<>();
        libtorch.folder().ifPresent(folders::add);
        Stream.of(environment.getOrDefault("LD_LIBRARY_PATH", "").split(":", -1))
                .filter(entry -> !entry.isEmpty())
                .map(Path::of)
                .forEach(folders::add);
        return folders;
    }

    private static NativeLibrary cudart(List<Path> folders, String system) {
        return NativeLibrary.getInstance(find(folders).map(Path::toString).orElse(system));
    }

    /** Returns the cudart in the first of the folders that has one; an archive's has a hash in its name. */
    static Optional<Path> find(List<Path> folders) {
        return folders.stream().flatMap(CudaGpus::files).findFirst();
    }

    private static Stream<Path> files(Path folder) {
        try (Stream<Path> files = Files.list(folder)) {
            return files.filter(file -> file.getFileName().toString().matches(FILE)).sorted().toList().stream();
        } catch (IOException e) {
            return Stream.empty();
        }
    }

    private static CudaGpus count(NativeLibrary cudart) {
        int[] number = new int[1];
        cudart.getFunction("cudaRuntimeGetVersion").invokeInt(new Object[] {number});
        String version = (number[0] / 1000) + "." + (number[0] / 10 % 100);
        number[0] = 0;
        int result = cudart.getFunction("cudaGetDeviceCount").invokeInt(new Object[] {number});
        if (result == SUCCESS && number[0] > 0) {
            return new CudaGpus(number[0], version, "");
        }
        String reason = result == SUCCESS
                ? "it counts no GPU"
                : cudart.getFunction("cudaGetErrorString").invokeString(new Object[] {result}, false);
        return new CudaGpus(0, version, refusal(version, reason, result));
    }

    /** Says why the driver gives no GPU, and what to do. */
    static String refusal(String version, String reason, int error) {
        return "the driver refuses CUDA %s: %s (error %s); %s"
                .formatted(
                        version,
                        reason,
                        error,
                        error == DRIVER_TOO_OLD
                                ? "nvidia-smi prints the newest CUDA that it supports: take a libtorch for that one, or a newer driver"
                                : "see whether nvidia-smi lists the GPU");
    }
}
