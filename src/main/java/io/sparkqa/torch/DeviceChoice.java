package io.sparkqa.torch;

import ai.djl.Device;
import io.sparkqa.config.Printable;
import io.sparkqa.config.UserError;
import io.sparkqa.config.WrongUse;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.function.IntFunction;

/**
 * The choice of a device on a machine.
 *
 * @param shown GPUs that show without CUDA
 * @param problem why this process can't use GPUs, and what to do; empty if CUDA counts some
 * @param visible the value of {@code CUDA_VISIBLE_DEVICES}, which hides GPUs and renumbers the others; empty if it is not set
 * @param trial computes on a GPU and returns what goes wrong
 */
record DeviceChoice(
        Libtorch libtorch,
        Optional<ShownGpus> shown,
        CudaGpus cuda,
        Optional<String> problem,
        Optional<String> visible,
        IntFunction<Optional<String>> trial) {

    /** Returns the choice on this machine. */
    static DeviceChoice here(IntFunction<Optional<String>> trial) {
        Libtorch libtorch = Libtorch.choose();
        Map<String, String> environment = System.getenv();
        return of(
                libtorch,
                ShownGpus.of(Path.of("/"), environment),
                libtorch.cuda() ? CudaGpus.of(libtorch, environment) : CudaGpus.NOT_ASKED,
                environment,
                trial);
    }

    static DeviceChoice of(
            Libtorch libtorch,
            Optional<ShownGpus> shown,
            CudaGpus cuda,
            Map<String, String> environment,
            IntFunction<Optional<String>> trial) {
        return new DeviceChoice(
                libtorch,
                shown,
                cuda,
                libtorch.problem(environment)
                        .or(() -> Optional.of(cuda.problem()).filter(text -> !text.isEmpty())),
                Optional.ofNullable(environment.get("CUDA_VISIBLE_DEVICES")),
                trial);
    }

    /**
     * A device and, if it is the CPU of a machine that has GPUs, the reason in one line.
     *
     * @param warning empty where nothing is amiss
     */
    record Chosen(Device device, String warning) {}

    /**
     * Returns the device that a setting names.
     *
     * @throws WrongUse if the setting names a GPU that can't be used, or is {@code auto} in a job to which SLURM has given GPUs
     *     that can't be used
     * @throws UserError if the setting is unknown
     */
    Chosen of(String setting) {
        if (setting.equals("cpu")) {
            return new Chosen(Device.cpu(), "");
        }
        if (setting.equals("auto")) {
            return auto();
        }
        if (!setting.matches("cuda(:\\d{1,4})?")) {
            throw new UserError("the device '" + Printable.of(setting) + "' is unknown; use auto, cpu or cuda:N");
        }
        int ordinal = setting.equals("cuda") ? 0 : Integer.parseInt(setting.substring("cuda:".length()));
        whatIsWrongWith(ordinal).ifPresent(reason -> {
            throw new WrongUse("the device " + Printable.of(setting) + " can't be used: " + reason
                    + "; or set train.device=cpu to compute on the CPU");
        });
        return new Chosen(Device.gpu(ordinal), "");
    }

    private Chosen auto() {
        Optional<String> wrong = whatIsWrongWith(0);
        if (wrong.isEmpty()) {
            return new Chosen(Device.gpu(0), "");
        }
        String line = shown.map(gpus -> gpus.inWords() + ", but they can't be used: " + wrong.get())
                .orElse("");
        if (shown.filter(ShownGpus::given).isPresent()) {
            throw new WrongUse(line + "; or set train.device=cpu to compute without them");
        }
        return new Chosen(Device.cpu(), line.isEmpty() ? "" : line + "; computing on the CPU");
    }

    private Optional<String> whatIsWrongWith(int ordinal) {
        String hidden = visible.filter(value -> !cuda.version().isEmpty())
                .map(value -> "; CUDA_VISIBLE_DEVICES=" + Printable.of(value) + " hides the others")
                .orElse("");
        if (problem.isPresent()) {
            return problem.map(text -> text + hidden);
        }
        return ordinal < cuda.count()
                ? trial.apply(ordinal)
                : Optional.of("CUDA counts %s GPU%s from cuda:0%s"
                        .formatted(cuda.count(), cuda.count() == 1 ? "" : "s", hidden));
    }

    /** Returns device, libtorch and CUDA in words, and the reason why a GPU can't be used. */
    String inWords(String setting) {
        // a login node may have none of the GPUs that the settings name
        if (setting.startsWith("cuda") && shown.isEmpty() && cuda.count() == 0) {
            return "device " + setting + ", which this machine does not have; "
                    + problem.filter(text -> !libtorch.cuda()).orElseGet(this::versions);
        }
        Chosen chosen = of(setting);
        String device = chosen.device().isGpu() ? "cuda:" + chosen.device().getDeviceId() : "cpu";
        String none = setting.equals("auto") && !chosen.device().isGpu() && shown.isEmpty()
                ? " (this machine shows no NVIDIA GPU)"
                : "";
        String warning = chosen.warning().isEmpty() ? "" : "; " + chosen.warning();
        return "device " + device + none + ", " + versions() + warning;
    }

    private String versions() {
        return libtorch.inWords() + (cuda.version().isEmpty() ? "" : ", CUDA " + cuda.version());
    }
}
