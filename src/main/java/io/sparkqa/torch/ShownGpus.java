package io.sparkqa.torch;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * NVIDIA GPUs that show without CUDA: SLURM's variables, the driver's folder or its device files tell of them.
 *
 * @param inWords a sentence that says where they show
 * @param given whether SLURM has given them to this job, so that they are paid for
 */
record ShownGpus(String inWords, boolean given) {
    /** Values of {@code CUDA_VISIBLE_DEVICES} that begin with a device; CUDA takes those before the first that is none. */
    private static final Pattern VISIBLE = Pattern.compile("\\s*(\\d|GPU-|MIG-).*");

    /**
     * Returns the GPUs that show under these environment variables; none if {@code CUDA_VISIBLE_DEVICES} hides them all.
     *
     * @param root the folder that holds {@code proc} and {@code dev}
     */
    static Optional<ShownGpus> of(Path root, Map<String, String> environment) {
        String visible = environment.get("CUDA_VISIBLE_DEVICES");
        if (visible != null && !VISIBLE.matcher(visible).matches()) {
            return Optional.empty();
        }
        return ofSlurm(environment)
                .or(() -> ofFiles(root.resolve("proc/driver/nvidia/gpus"), ".*"))
                .or(() -> ofFiles(root.resolve("dev"), "nvidia\\d+"));
    }

    private static Optional<ShownGpus> ofSlurm(Map<String, String> environment) {
        if (!environment.containsKey("SLURM_JOB_ID")) {
            return Optional.empty();
        }
        return Stream.of("SLURM_STEP_GPUS", "SLURM_JOB_GPUS", "SLURM_GPUS_ON_NODE")
                .filter(name -> !environment.getOrDefault(name, "").isBlank())
                .filter(name -> !name.equals("SLURM_GPUS_ON_NODE")
                        || !environment.get(name).equals("0"))
                .findFirst()
                .map(name ->
                        new ShownGpus("SLURM gives this job GPUs (" + name + "=" + environment.get(name) + ")", true));
    }

    private static Optional<ShownGpus> ofFiles(Path folder, String name) {
        try (Stream<Path> files = Files.list(folder)) {
            List<Path> found = files.filter(
                            file -> file.getFileName().toString().matches(name))
                    .sorted()
                    .toList();
            return found.stream()
                    .findFirst()
                    .map(first -> new ShownGpus(
                            "this machine has %s NVIDIA GPU%s (%s)"
                                    .formatted(found.size(), found.size() == 1 ? "" : "s", first),
                            false));
        } catch (IOException e) {
            return Optional.empty();
        }
    }
}
