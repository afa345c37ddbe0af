package io.sparkqa.torch;

import ai.djl.Device;
import ai.djl.engine.EngineException;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import io.sparkqa.config.Experiment.Dtype;
import io.sparkqa.config.UserError;
import io.sparkqa.config.WrongUse;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.IntFunction;
import java.util.regex.Pattern;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Chooses the device and the arithmetic of a run by the machine's hardware. */
public final class Hardware {
    private static final Pattern CPU_BFLOAT16 = Pattern.compile("\\b(amx_bf16|avx512_bf16)\\b");

    private static final Logger LOG = LoggerFactory.getLogger(Hardware.class);

    /** The least compute capability that multiplies bfloat16 and has flash attention, 8.0. */
    private static final int AMPERE = 80;

    /** Warnings that this process has given. */
    private static final Set<String> TOLD = ConcurrentHashMap.newKeySet();

    /** What went wrong on the GPUs that this process has tried. */
    private static final Map<Integer, Optional<String>> TRIED = new ConcurrentHashMap<>();

    private Hardware() {}

    /**
     * Returns the device that a setting names. If the machine shows GPUs that can't be used, {@code auto} is the CPU, and a
     * warning says why.
     *
     * @param setting {@code auto} (the first GPU, else the CPU), {@code cpu}, or {@code cuda:N}
     * @throws WrongUse if the setting names a GPU that can't be used, or is {@code auto} in a job to which SLURM has given GPUs
     *     that can't be used
     * @throws UserError if the setting is unknown
     */
    public static Device device(String setting) {
        return device(setting, Hardware::tryOut);
    }

    /** Returns the same device without computing on it, so that this process takes none of a GPU's memory. */
    public static Device deviceUntried(String setting) {
        return device(setting, gpu -> Optional.empty());
    }

    private static Device device(String setting, IntFunction<Optional<String>> trial) {
        DeviceChoice.Chosen chosen = DeviceChoice.here(trial).of(setting);
        if (!chosen.warning().isEmpty() && TOLD.add(chosen.warning())) {
            LOG.warn("{}", chosen.warning());
        }
        return chosen.device();
    }

    /**
     * Describes what a stage computes on with a setting of train.device: device, libtorch, and CUDA if there is one. Loads no libtorch,
     * so a GPU that CUDA counts is not tried.
     *
     * @throws WrongUse as {@link #device}
     */
    public static String inWords(String setting) {
        return DeviceChoice.here(gpu -> Optional.empty()).inWords(setting);
    }

    /** Returns what a network computes on and in which precision, such as {@code the CPU in float32}. */
    public static String inWords(Dtype setting, Device device) {
        return "%s in %s"
                .formatted(
                        device.isGpu() ? "cuda:" + device.getDeviceId() : "the CPU",
                        bfloat16(setting, device) ? "bfloat16" : "float32");
    }

    /** Computes on a GPU once and returns what goes wrong, for example that libtorch has no kernels for it. */
    private static Optional<String> tryOut(int gpu) {
        return TRIED.computeIfAbsent(gpu, ordinal -> {
            try (NDManager manager = NDManager.newBaseManager(Device.gpu(ordinal), "PyTorch")) {
                manager.ones(new Shape(1)).add(1).toFloatArray();
                return Optional.empty();
            } catch (EngineException | IllegalStateException e) {
                return Optional.of(inWords(ordinal, e));
            }
        });
    }

    /** Says why a GPU failed at its first computation. */
    static String inWords(int gpu, RuntimeException failure) {
        String first = String.valueOf(failure.getMessage()).lines().findFirst().orElse("");
        return "libtorch can't compute on GPU %s: %s; %s"
                .formatted(
                        gpu,
                        first,
                        OutOfMemory.of(failure).isPresent()
                                ? "other processes hold its memory, as nvidia-smi shows"
                                : "it may not support the GPU's compute capability, which nvidia-smi --query-gpu=compute_cap prints");
    }

    /** Returns whether matrix products are computed in bfloat16; {@code auto} means that they are if the hardware can. */
    public static boolean bfloat16(Dtype setting, Device device) {
        return switch (setting) {
            case FLOAT32 -> false;
            case BFLOAT16 -> true;
            case AUTO -> multipliesBfloat16(device);
        };
    }

    private static boolean multipliesBfloat16(Device device) {
        if (device.isGpu()) {
            return computeCapability(device) >= AMPERE;
        }
        try {
            return CPU_BFLOAT16
                    .matcher(Files.readString(Path.of("/proc/cpuinfo")))
                    .find();
        } catch (IOException e) {
            return false;
        }
    }

    private static int computeCapability(Device gpu) {
        return CudaGpus.computeCapability(gpu.getDeviceId(), Libtorch.choose(), System.getenv());
    }

    /** Returns whether libtorch's flash attention computes on a GPU. */
    public static boolean hasFlashAttention(Device gpu) {
        return computeCapability(gpu) >= AMPERE;
    }

    /** Returns the memory of a GPU, in bytes. */
    public static long memory(Device gpu) {
        return memoryOf(gpu).total();
    }

    /**
     * Returns the memory of a GPU that this process may count on, in bytes: all of it, or only what is free if more than a tenth
     * is taken, as by another process.
     */
    public static long availableMemory(Device gpu) {
        return memoryOf(gpu).available();
    }

    /**
     * Returns the memory of a GPU that is taken, by whatever process, in bytes. libtorch keeps what it has taken, so this
     * does not fall when tensors are freed.
     */
    public static long memoryInUse(Device gpu) {
        CudaGpus.Memory memory = memoryOf(gpu);
        return memory.total() - memory.free();
    }

    private static CudaGpus.Memory memoryOf(Device gpu) {
        return CudaGpus.memory(gpu.getDeviceId(), Libtorch.choose(), System.getenv());
    }
}
