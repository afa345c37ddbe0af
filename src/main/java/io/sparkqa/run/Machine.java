package io.sparkqa.run;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;
import java.util.StringJoiner;
import java.util.stream.Stream;

/** Describes this process's hardware and software in words. */
final class Machine {
    private Machine() {}

    /** Returns processor, cores, memory, GPUs and system, as far as they are known. */
    static Map<String, String> hardware() {
        Map<String, String> hardware = new LinkedHashMap<>();
        line(Path.of("/proc/cpuinfo"), "model name").ifPresent(name -> hardware.put("processor", name));
        hardware.put("cores", String.valueOf(Runtime.getRuntime().availableProcessors()));
        line(Path.of("/proc/meminfo"), "MemTotal").ifPresent(size -> hardware.put("memory", gigabytes(size)));
        gpus().ifPresent(names -> hardware.put("gpu", names));
        hardware.put("system", System.getProperty("os.name") + " " + System.getProperty("os.version"));
        return hardware;
    }

    /** Returns the versions of this project and its main libraries. */
    static Map<String, String> versions() {
        Map<String, String> versions = new LinkedHashMap<>();
        property("/META-INF/maven/io.sparkqa/spark-qa/pom.properties", "version")
                .ifPresent(version -> versions.put("spark-qa", version));
        versions.put("Java", Runtime.version().toString());
        versions.put("Spark", org.apache.spark.package$.MODULE$.SPARK_VERSION());
        property("/ai/djl/engine/api.properties", "djl_version").ifPresent(version -> versions.put("DJL", version));
        property("/native/lib/pytorch.properties", "version")
                .map(version -> version.replaceFirst("-.*", ""))
                .ifPresent(version -> versions.put("libtorch", version));
        return versions;
    }

    /** Returns the value in the first line that begins with a name. */
    private static Optional<String> line(Path file, String name) {
        try (Stream<String> lines = Files.lines(file)) {
            return lines.filter(line -> line.startsWith(name))
                    .findFirst()
                    .map(line -> line.substring(line.indexOf(':') + 1).strip());
        } catch (IOException e) {
            return Optional.empty();
        }
    }

    /** Converts a size such as {@code 16318412 kB}. */
    private static String gigabytes(String size) {
        return Math.round(1024e-9 * Long.parseLong(size.replaceAll("\\D", ""))) + " GB";
    }

    /** Returns the names of the GPUs according to NVIDIA's driver. */
    private static Optional<String> gpus() {
        Path folder = Path.of("/proc/driver/nvidia/gpus");
        if (!Files.isDirectory(folder)) {
            return Optional.empty();
        }
        StringJoiner names = new StringJoiner(", ").setEmptyValue("");
        try (DirectoryStream<Path> gpus = Files.newDirectoryStream(folder)) {
            gpus.forEach(gpu -> line(gpu.resolve("information"), "Model").ifPresent(names::add));
        } catch (IOException e) {
            return Optional.empty();
        }
        return Optional.of(names.toString()).filter(text -> !text.isEmpty());
    }

    private static Optional<String> property(String resource, String key) {
        try (InputStream in = Machine.class.getResourceAsStream(resource)) {
            if (in == null) {
                return Optional.empty();
            }
            Properties properties = new Properties();
            properties.load(in);
            return Optional.ofNullable(properties.getProperty(key));
        } catch (IOException e) {
            return Optional.empty();
        }
    }
}
