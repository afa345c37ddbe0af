package io.sparkqa.torch;

import ai.djl.Device;
import ai.djl.engine.Engine;
import ai.djl.util.cuda.CudaUtils;
import io.sparkqa.config.Experiment.Dtype;
import io.sparkqa.config.Printable;
import io.sparkqa.config.UserError;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.regex.Pattern;

/** Chooses the device and the arithmetic of a run by the machine's hardware. */
public final class Hardware {
    private static final Pattern CPU_BFLOAT16 = Pattern.compile("\\b(amx_bf16|avx512_bf16)\\b");

    private Hardware() {}

    /**
     * Returns the device that a setting names.
     *
     * @param setting {@code auto} (the first GPU, else the CPU), {@code cpu}, or {@code cuda:N}
     * @throws UserError if the setting is none of these, or names a GPU that libtorch does not see
     */
    public static Device device(String setting) {
        int gpus = Engine.getEngine("PyTorch").getGpuCount();
        if (setting.equals("auto")) {
            return gpus > 0 ? Device.gpu(0) : Device.cpu();
        }
        if (setting.equals("cpu")) {
            return Device.cpu();
        }
        if (setting.matches("cuda(:\\d{1,4})?")) {
            int ordinal = setting.equals("cuda") ? 0 : Integer.parseInt(setting.substring("cuda:".length()));
            if (ordinal < gpus) {
                return Device.gpu(ordinal);
            }
            throw new UserError("the device " + Printable.of(setting) + " does not exist: libtorch sees " + gpus
                    + " GPUs; use auto or cpu, or a libtorch built for CUDA");
        }
        throw new UserError("the device '" + Printable.of(setting) + "' is unknown; use auto, cpu or cuda:N");
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
            return Integer.parseInt(CudaUtils.getComputeCapability(device.getDeviceId())) >= 80;
        }
        try {
            return CPU_BFLOAT16
                    .matcher(Files.readString(Path.of("/proc/cpuinfo")))
                    .find();
        } catch (IOException e) {
            return false;
        }
    }
}
