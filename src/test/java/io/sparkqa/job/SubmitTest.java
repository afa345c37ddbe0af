package io.sparkqa.job;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What jobs/submit passes to a stage. Stand-ins for Java and spark-submit print it. */
class SubmitTest {
    private static final String CLASS = "io.sparkqa.job.CheckJob";

    @TempDir
    private Path folder;

    private Path home;
    private final Map<String, String> environment = new HashMap<>();

    @BeforeEach
    void aProjectThatIsBuilt() throws IOException {
        Files.createDirectories(folder.resolve("jobs"));
        Files.copy(Script.PROJECT.resolve("jobs/submit"), folder.resolve("jobs/submit"));
        Files.copy(Script.PROJECT.resolve("jobs/libtorch"), folder.resolve("jobs/libtorch"));
        Files.createDirectories(folder.resolve("conf"));
        Files.createFile(folder.resolve("conf/spark-defaults.conf"));
        Files.createDirectories(folder.resolve("src/main"));
        Files.createFile(folder.resolve("pom.xml"));
        Files.createDirectories(folder.resolve("target/lib"));
        Files.createDirectories(folder.resolve("target/spark/jars"));
        program("target/spark/bin/spark-submit", "umask -S; env; printf '%s\\n' \"$@\"; touch made");
        program("jdk/bin/java", "echo 'openjdk version \"17.0.1\"' >&2");
        Files.createFile(folder.resolve("target/spark-qa.jar"));
        home = Files.createDirectory(folder.resolve("home"));
        environment.put("JAVA_HOME", folder.resolve("jdk").toString());
        environment.put("HOME", home.toString());
        for (String variable : List.of(
                "DJL_CACHE_DIR",
                "XDG_CACHE_HOME",
                "SLURM_TMPDIR",
                "LC_ALL",
                "LC_CTYPE",
                "LANG",
                "PYTORCH_LIBRARY_PATH",
                "VIRTUAL_ENV",
                "CONDA_PREFIX",
                "CUDA_HOME",
                "CUDA_PATH",
                "LD_LIBRARY_PATH",
                "PYTORCH_CUDA_ALLOC_CONF",
                "CUBLAS_WORKSPACE_CONFIG")) {
            environment.put(variable, "");
        }
    }

    @Test
    void librariesAreUnpackedInAFolderOfTheUsersOwnWhateverTheUmask() throws Exception {
        Script stage = submit("umask 000; exec jobs/submit " + CLASS);

        assertThat(stage.code()).as(stage.err()).isZero();
        assertThat(stage.out()).contains("DJL_CACHE_DIR=" + home + "/.cache/spark-qa\n");
        assertThat(permissions(home.resolve(".cache"))).isEqualTo("rwx------");
        assertThat(permissions(home.resolve(".cache/spark-qa"))).isEqualTo("rwx------");
    }

    @Test
    void executorsGetTheLibrariesThatTheirStageNeedsAndTheDriversCompilers() throws Exception {
        for (String name : List.of(
                "api-0.jar", "jna-5.jar", "pytorch-engine-0.jar", "pytorch-native-cpu-2.jar", "tokenizers-0.jar")) {
            Files.createFile(folder.resolve("target/lib/" + name));
        }

        assertThat(unshipped("")).isEmpty();
        assertThat(unshipped("--no-network")).containsExactly("pytorch-native-cpu-2.jar");
        assertThat(unshipped("--no-natives"))
                .containsExactly("jna-5.jar", "pytorch-engine-0.jar", "pytorch-native-cpu-2.jar", "tokenizers-0.jar");
        libtorch(folder.resolve("unpacked"));
        environment.put("PYTORCH_LIBRARY_PATH", folder.resolve("unpacked").toString());
        assertThat(unshipped("")).containsExactly("pytorch-native-cpu-2.jar");
        assertThat(submit("exec jobs/submit --brief " + CLASS).out())
                .contains("\nspark.executor.defaultJavaOptions=-XX:TieredStopAtLevel=1\n");
    }

    /** Returns the names of the libraries that executors don't get from a stage with this option. */
    private List<String> unshipped(String option) throws Exception {
        String pattern = submit("exec jobs/submit " + option + " " + CLASS)
                .out()
                .replaceAll("(?s).*\nSPARKQA_UNSHIPPED=([^\n]*)\n.*", "$1");
        try (Stream<Path> libraries = Files.list(folder.resolve("target/lib"))) {
            return libraries
                    .map(file -> file.getFileName().toString())
                    .filter(name -> name.matches(pattern))
                    .sorted()
                    .toList();
        }
    }

    @Test
    void nothingThatAStageMakesIsWritableForEveryone() throws Exception {
        submit("umask 000; exec jobs/submit " + CLASS);
        assertThat(permissions(folder.resolve("made"))).isEqualTo("rw-rw-r--");

        Files.delete(folder.resolve("made"));
        submit("umask 027; exec jobs/submit " + CLASS);
        assertThat(permissions(folder.resolve("made"))).isEqualTo("rw-r-----");
    }

    @Test
    void aFolderForLibrariesThatEveryoneMayWriteIsRefused() throws Exception {
        Path cache = Files.createDirectories(home.resolve(".cache/spark-qa"));
        Files.setPosixFilePermissions(cache, PosixFilePermissions.fromString("rwxrwxrwx"));

        Script stage = submit("exec jobs/submit " + CLASS);

        assertThat(stage.code()).isEqualTo(1);
        assertThat(stage.err())
                .contains(cache + ": everyone can write here", "DJL_CACHE_DIR")
                .hasLineCount(1);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "/dev/null", "/proc"})
    void withoutAHomeThatCanBeWrittenTheStageTakesATemporaryFolder(String value) throws Exception {
        environment.put("HOME", value);

        Script stage = submit("exec jobs/submit " + CLASS);

        assertThat(stage.code()).as(stage.err()).isZero();
        assertThat(stage.err()).isEmpty();
        assertThat(stage.out()).doesNotContain("DJL_CACHE_DIR");
    }

    @Test
    void aFolderForLibrariesThatIsSetButCanNotBeMadeIsNamed() throws Exception {
        environment.put("DJL_CACHE_DIR", "/dev/null/natives");

        Script stage = submit("exec jobs/submit " + CLASS);

        assertThat(stage.code()).isEqualTo(1);
        assertThat(stage.err())
                .contains("/dev/null/natives: the folder can't be created", "DJL_CACHE_DIR")
                .hasLineCount(1);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "C", "POSIX", "de_DE.ISO-8859-1"})
    void namesAreUtf8WhateverTheLocale(String locale) throws Exception {
        environment.put("LANG", locale);

        assertThat(submit("exec jobs/submit " + CLASS).out()).contains("LC_ALL=C.UTF-8\n", "-Dfile.encoding=UTF-8");
    }

    @Test
    void aLocaleInUtf8IsKept() throws Exception {
        environment.put("LANG", "ar_EG.UTF-8");

        assertThat(submit("exec jobs/submit " + CLASS).out())
                .contains("LANG=ar_EG.UTF-8\n")
                .doesNotContain("LC_ALL");
    }

    @ParameterizedTest
    @ValueSource(strings = {"env", "env/lib/python3.12/site-packages", "env/lib/python3.12/site-packages/torch/lib"})
    void aPythonEnvironmentGivesLibtorchAndTheCudaLibrariesBesideIt(String named) throws Exception {
        Path packages = torch("2.7.1+cu126");
        environment.put("PYTORCH_LIBRARY_PATH", named);
        environment.put("LD_LIBRARY_PATH", "/of/the/user");

        String out = submit("exec jobs/submit " + CLASS).out();

        String libraries = packages + "/nvidia/cublas/lib:" + packages + "/nvidia/cuda_runtime/lib:/of/the/user\n";
        assertThat(out)
                .contains(
                        "\nPYTORCH_LIBRARY_PATH=" + packages + "/torch/lib\n",
                        "\nLD_LIBRARY_PATH=" + libraries,
                        "\nspark.executorEnv.PYTORCH_LIBRARY_PATH=" + packages + "/torch/lib\n",
                        "\nspark.executorEnv.LD_LIBRARY_PATH=" + libraries);
    }

    @ParameterizedTest
    @ValueSource(strings = {"VIRTUAL_ENV", "CONDA_PREFIX"})
    void theTorchOfAnActivePythonEnvironmentIsUsedIfItHasCudaAndFitsTheJniLibrary(String active) throws Exception {
        Path packages = torch("2.7.1+cu126");
        environment.put(active, folder.resolve("env").toString());
        String chosen = "\nPYTORCH_LIBRARY_PATH=" + packages + "/torch/lib\n";
        assertThat(submit("exec jobs/submit " + CLASS).out()).contains(chosen);

        torch("2.11.0+cu130");
        assertThat(submit("exec jobs/submit " + CLASS).out()).doesNotContain(chosen);

        torch("2.7.1+cpu");
        Files.delete(packages.resolve("torch/lib/libtorch_cuda.so"));
        assertThat(submit("exec jobs/submit " + CLASS).out()).doesNotContain(chosen);
    }

    @Test
    void aNetworkOnAGpuHasSegmentsThatGrowAndSumsInAFixedOrder() throws Exception {
        torch("2.7.1+cu126");
        environment.put("PYTORCH_LIBRARY_PATH", "env");
        String[] settings = {
            "\nPYTORCH_CUDA_ALLOC_CONF=expandable_segments:True\n",
            "\nCUBLAS_WORKSPACE_CONFIG=:4096:8\n",
            "\nspark.executorEnv.PYTORCH_CUDA_ALLOC_CONF=expandable_segments:True\n",
            "\nspark.executorEnv.CUBLAS_WORKSPACE_CONFIG=:4096:8\n"
        };
        assertThat(submit("exec jobs/submit --tensors " + CLASS).out()).contains(settings);

        environment.put("CUBLAS_WORKSPACE_CONFIG", ":0:0");
        assertThat(submit("exec jobs/submit --tensors " + CLASS).out())
                .as("a value of the user's")
                .contains("\nCUBLAS_WORKSPACE_CONFIG=:0:0\n");

        environment.put("PYTORCH_LIBRARY_PATH", "");
        assertThat(submit("exec jobs/submit --tensors " + CLASS).out())
                .as("on a CPU")
                .doesNotContain("PYTORCH_CUDA_ALLOC_CONF");
    }

    @Test
    void anExecutorOfTrainingHasOneOfItsWorkersGpusAndOfDecodeAll() throws Exception {
        environment.putAll(Map.of("SPARKQA_GPUS", "4", "SPARKQA_GPU_CORES", "12", "SPARKQA_GPU_MEMORY", "20000m"));
        String task = "\nspark.task.resource.gpu.amount=";
        assertThat(submit("exec jobs/submit --gpus-per-task 1 --executor-per-gpu " + CLASS)
                        .out())
                .contains(
                        "\nspark.executor.resource.gpu.amount=1\n",
                        task + "1\n",
                        "\nspark.executor.cores=12\n",
                        "\nspark.executor.memory=20000m\n");
        assertThat(submit("exec jobs/submit --gpus-per-task 0.0833 " + CLASS).out())
                .contains("\nspark.executor.resource.gpu.amount=4\n", task + "0.0833\n")
                .doesNotContain("spark.executor.cores");
    }

    @Test
    void anUnpackedLibtorchIsFoundWithTheCudaOfAModule() throws Exception {
        libtorch(folder.resolve("unpacked/libtorch/lib"));
        Files.createDirectories(folder.resolve("toolkit/lib64"));
        environment.put(
                "PYTORCH_LIBRARY_PATH", folder.resolve("unpacked/libtorch").toString());
        environment.put("CUDA_HOME", folder.resolve("toolkit").toString());

        assertThat(submit("exec jobs/submit " + CLASS).out())
                .contains(
                        "\nPYTORCH_LIBRARY_PATH=" + folder + "/unpacked/libtorch/lib\n",
                        "\nLD_LIBRARY_PATH=" + folder + "/toolkit/lib64\n");
    }

    @Test
    void theLibtorchOfMavensProfileIsUsedWhereNoOtherIsNamed() throws Exception {
        Path unpacked = folder.resolve("target/libtorch/pytorch/cu128/linux-x86_64");
        libtorch(unpacked);
        assertThat(submit("exec jobs/submit " + CLASS).out()).contains("\nPYTORCH_LIBRARY_PATH=" + unpacked + "\n");
    }

    @Test
    void aPathWithoutLibtorchIsLeftForTheStageToRefuse() throws Exception {
        environment.put("PYTORCH_LIBRARY_PATH", "/none");
        assertThat(submit("exec jobs/submit " + CLASS).out())
                .contains("\nPYTORCH_LIBRARY_PATH=/none\n")
                .doesNotContain("spark.executorEnv.PYTORCH_LIBRARY_PATH");
    }

    /** Makes a Python environment with stand-ins for torch and CUDA's packages; returns its site-packages. */
    private Path torch(String version) throws IOException {
        Path packages = folder.resolve("env/lib/python3.12/site-packages");
        libtorch(packages.resolve("torch/lib"));
        Files.writeString(packages.resolve("torch/version.py"), "__version__ = '" + version + "'\n");
        Files.createDirectories(packages.resolve("nvidia/cublas/lib"));
        Files.createDirectories(packages.resolve("nvidia/cuda_runtime/lib"));
        Files.writeString(folder.resolve("target/lib/pytorch-jni-2.7.1-0.36.0.jar"), "");
        return packages;
    }

    private static void libtorch(Path lib) throws IOException {
        Files.createDirectories(lib);
        Files.writeString(lib.resolve("libtorch.so"), "");
        Files.writeString(lib.resolve("libtorch_cuda.so"), "");
    }

    private Script submit(String command) throws IOException, InterruptedException {
        try (Running running = new Running(folder, environment, List.of("bash", "-c", command))) {
            return running.end();
        }
    }

    private void program(String name, String body) throws IOException {
        Path file = folder.resolve(name);
        Files.createDirectories(file.getParent());
        Files.writeString(file, "#!/bin/sh\n" + body + "\n");
        assertThat(file.toFile().setExecutable(true)).isTrue();
    }

    private static String permissions(Path file) throws IOException {
        return PosixFilePermissions.toString(Files.getPosixFilePermissions(file));
    }
}
