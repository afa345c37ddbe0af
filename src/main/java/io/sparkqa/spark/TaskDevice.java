package io.sparkqa.spark;

import io.sparkqa.config.Printable;
import io.sparkqa.config.UserError;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.spark.TaskContext;
import org.apache.spark.resource.ResourceInformation;

/** Chooses the device of a Spark task: the GPU that Spark has assigned to the task, if the setting is {@code auto}. */
final class TaskDevice {
    private static final String AUTO = "auto";
    private static final String GPU = "gpu";

    private TaskDevice() {}

    /** Returns the device of the calling task; outside of tasks, the setting itself. */
    static String of(String setting) {
        TaskContext task = TaskContext.get();
        return task == null ? setting : of(setting, addresses(task.resourcesJMap()));
    }

    private static Map<String, String[]> addresses(Map<String, ResourceInformation> resources) {
        return resources.values().stream()
                .collect(Collectors.toMap(ResourceInformation::name, ResourceInformation::addresses));
    }

    /**
     * Returns the device for a setting and the resources of a task.
     *
     * @param setting {@code auto}, {@code cpu} or {@code cuda:N}
     * @param addresses addresses by kind of resource; those of GPUs are ordinals as the process numbers them, see {@code
     *     jobs/gpu-discovery}
     * @return {@code cuda:N} for the first of the task's GPUs, else the setting itself
     * @throws UserError if the address of the GPU is not an ordinal
     */
    static String of(String setting, Map<String, String[]> addresses) {
        if (!setting.equals(AUTO)) {
            return setting;
        }
        return Stream.of(addresses.getOrDefault(GPU, new String[0]))
                .findFirst()
                .map(TaskDevice::cuda)
                .orElse(AUTO);
    }

    private static String cuda(String address) {
        if (!address.matches("\\d+")) {
            throw new UserError(
                    "Spark's GPU address \"%s\" is not an ordinal (0, 1 …); set spark.worker.resource.gpu.discoveryScript to jobs/gpu-discovery"
                            .formatted(Printable.of(address)));
        }
        return "cuda:" + address;
    }
}
