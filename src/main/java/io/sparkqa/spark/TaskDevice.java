package io.sparkqa.spark;

import io.sparkqa.config.Experiment;
import io.sparkqa.config.Experiment.Dtype;
import io.sparkqa.config.Printable;
import io.sparkqa.config.UserError;
import io.sparkqa.torch.Hardware;
import io.sparkqa.torch.NativeScratch;
import java.util.Collections;
import java.util.Map;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.spark.SparkContext;
import org.apache.spark.TaskContext;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.resource.ResourceInformation;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Chooses the device of a Spark task: the GPU that Spark has assigned to the task, if the setting is {@code auto}. */
public final class TaskDevice {
    private static final Logger LOG = LoggerFactory.getLogger(TaskDevice.class);
    private static final String AUTO = "auto";
    private static final String GPU = "gpu";

    private TaskDevice() {}

    /**
     * Returns what tasks compute on, such as {@code the CPU in float32}, each once. Asks as many tasks as run at the same time,
     * so all executors that are up.
     *
     * @throws io.sparkqa.config.WrongUse as {@link Hardware#device}, in a task
     */
    public static SortedSet<String> inWords(SparkContext context, Experiment.Train settings) {
        String device = settings.device();
        Dtype dtype = settings.dtype();
        int tasks = context.defaultParallelism();
        return new TreeSet<>(JavaSparkContext.fromSparkContext(context)
                .parallelize(Collections.nCopies(tasks, device), tasks)
                .map(setting -> inWords(setting, dtype))
                .collect());
    }

    private static String inWords(String setting, Dtype dtype) {
        NativeScratch.choose();
        String placed = of(setting);
        LOG.info("Trying the device {}", placed);
        return Hardware.inWords(dtype, Hardware.device(placed));
    }

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
