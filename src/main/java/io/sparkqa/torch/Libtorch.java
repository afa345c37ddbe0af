package io.sparkqa.torch;

import io.sparkqa.config.WrongUse;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * The libtorch that this process loads.
 *
 * @param folder folder of libtorch.so that {@code PYTORCH_LIBRARY_PATH} names; empty for the build's own, which is for CPUs
 * @param version such as {@code 2.7.1+cu126}; empty if no file beside it holds the version
 * @param cuda whether it is built for CUDA
 */
public record Libtorch(Optional<Path> folder, Optional<String> version, boolean cuda) {
    private static final String PATH = "PYTORCH_LIBRARY_PATH";
    private static final String FLAVOR = "PYTORCH_FLAVOR";
    private static final String VERSION = "PYTORCH_VERSION";

    /** DJL's name of the JNI library for CUDA. It links libtorch and not CUDA, so it fits builds for other versions of CUDA. */
    private static final String CUDA_JNI = "cu128";

    private static final Pattern PYTHON_VERSION = Pattern.compile("(?m)^__version__ = ['\"]([^'\"]+)['\"]");

    /**
     * Returns the libtorch of this process, and makes DJL load the JNI library that fits it. Must be called before native
     * code is used.
     *
     * @throws WrongUse if {@code PYTORCH_LIBRARY_PATH} names no libtorch, or it or {@code PYTORCH_VERSION} names another version
     *     than the JNI library's
     */
    public static synchronized Libtorch choose() {
        Libtorch chosen = of(System.getenv());
        if (chosen.folder.isPresent() && System.getenv(FLAVOR) == null) {
            System.setProperty(FLAVOR, chosen.cuda ? CUDA_JNI : "cpu");
        }
        return chosen;
    }

    static Libtorch of(Map<String, String> environment) {
        String needed = jniVersion();
        String asked = environment.getOrDefault(VERSION, needed);
        if (!number(asked).equals(needed)) {
            throw new WrongUse("%s=%s, but spark-qa's JNI library needs libtorch %s; unset %s"
                    .formatted(VERSION, asked, needed, VERSION));
        }
        String path = environment.getOrDefault(PATH, "");
        if (path.isEmpty()) {
            return new Libtorch(Optional.empty(), Optional.of(needed), false);
        }
        Path folder = Stream.of(path.split(":", -1))
                .filter(entry -> !entry.isEmpty())
                .map(Path::of)
                .filter(entry -> Files.exists(entry.resolve("libtorch.so")))
                .findFirst()
                .orElseThrow(() -> new WrongUse(
                        "PYTORCH_LIBRARY_PATH=%s holds no libtorch.so; name a Python environment with torch==%s, an unpacked libtorch %s, or the folder of libtorch.so"
                                .formatted(path, needed, needed)));
        Libtorch named = in(folder);
        named.version.filter(told -> !number(told).equals(needed)).ifPresent(told -> {
            throw new WrongUse(
                    "%s holds libtorch %s, but spark-qa's JNI library needs libtorch %s; install torch==%s in that Python environment, or set PYTORCH_LIBRARY_PATH to an unpacked libtorch %s"
                            .formatted(folder, told, needed, needed, needed));
        });
        return named;
    }

    private static Libtorch in(Path folder) {
        return new Libtorch(Optional.of(folder), version(folder), Files.exists(folder.resolve("libtorch_cuda.so")));
    }

    /** Returns the version without what follows a plus sign. */
    private static String number(String version) {
        return version.replaceFirst("\\+.*", "");
    }

    /** Returns the version of libtorch that DJL's JNI library is built with. */
    static String jniVersion() {
        try (InputStream in = Libtorch.class.getResourceAsStream("/jnilib/pytorch.properties")) {
            Properties properties = new Properties();
            properties.load(in);
            return properties.getProperty("jni_version").replaceFirst("-.*", "");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Returns the version from a Python package's version.py or an archive's build-version. */
    private static Optional<String> version(Path folder) {
        Path parent = folder.toAbsolutePath().normalize().getParent();
        return text(parent.resolve("version.py"))
                .map(PYTHON_VERSION::matcher)
                .filter(Matcher::find)
                .map(found -> found.group(1))
                .or(() -> text(parent.resolve("build-version")).map(String::strip));
    }

    private static Optional<String> text(Path file) {
        try {
            return Optional.of(Files.readString(file));
        } catch (IOException e) {
            return Optional.empty();
        }
    }

    /** Returns version, kind and place in words. */
    String inWords() {
        return "libtorch%s for %s%s"
                .formatted(
                        version.map(number -> " " + number).orElse(""),
                        cuda ? "CUDA" : "CPUs",
                        folder.map(place -> " in " + place).orElse(""));
    }

    /**
     * Returns what keeps this libtorch from using GPUs: it is a build for CPUs.
     *
     * @param environment in which a Python environment may be active whose torch is not this one
     */
    Optional<String> problem(Map<String, String> environment) {
        if (cuda) {
            return Optional.empty();
        }
        Optional<Libtorch> active = Stream.of("VIRTUAL_ENV", "CONDA_PREFIX")
                .filter(name -> folder.isEmpty() && environment.containsKey(name))
                .flatMap(name -> torchIn(environment.get(name)).stream())
                .findFirst();
        return Optional.of(inWords() + " has no CUDA; "
                + active.map(Libtorch::whyUnused)
                        .orElse("activate a Python environment with torch==" + jniVersion()
                                + " for CUDA, or see GPUs in docs/clusters.md"));
    }

    /** Returns why the torch of an active Python environment is not used, and what to do. */
    private String whyUnused() {
        String found = "the active Python environment has torch " + version.orElseThrow();
        String needed = jniVersion();
        if (!number(version.orElseThrow()).equals(needed)) {
            return found + ", and " + needed + " is needed: install torch==" + needed + " there";
        }
        return cuda
                ? found + ", which only jobs/*.sh find by themselves: set PYTORCH_LIBRARY_PATH=" + folder.orElseThrow()
                : found + " without CUDA: install torch==" + needed + " for CUDA there";
    }

    /** Returns the libtorch of a Python environment, if it has one whose version can be read. */
    private static Optional<Libtorch> torchIn(String environment) {
        try (Stream<Path> pythons = Files.list(Path.of(environment, "lib"))) {
            return pythons.map(python -> in(python.resolve("site-packages/torch/lib")))
                    .filter(torch -> torch.version.isPresent())
                    .findFirst();
        } catch (IOException e) {
            return Optional.empty();
        }
    }
}
