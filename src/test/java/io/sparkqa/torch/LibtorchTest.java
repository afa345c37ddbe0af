package io.sparkqa.torch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sparkqa.config.WrongUse;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Folders of libtorch with stand-ins for its libraries. */
class LibtorchTest {
    @TempDir
    Path folder;

    private Path lib;

    @BeforeEach
    void aFolderOfLibraries() throws IOException {
        lib = Files.createDirectories(folder.resolve("torch/lib"));
        Files.createFile(lib.resolve("libtorch.so"));
    }

    @Test
    void withoutAPathTheBuildsOwnIsUsed() {
        assertThat(Libtorch.of(Map.of()).inWords()).isEqualTo("libtorch 2.7.1 for CPUs");
    }

    @Test
    void aPythonPackageTellsItsVersion() throws IOException {
        Files.createFile(lib.resolve("libtorch_cuda.so"));
        Files.writeString(
                folder.resolve("torch/version.py"), "from typing import Optional\n__version__ = '2.7.1+cu126'\n");
        assertThat(named().inWords()).isEqualTo("libtorch 2.7.1+cu126 for CUDA in " + lib);
        assertThat(named().problem(Map.of())).isEmpty();
    }

    @Test
    void anArchiveTellsItsVersion() throws IOException {
        Files.writeString(folder.resolve("torch/build-version"), "2.7.1+cpu\n");
        assertThat(named().inWords()).isEqualTo("libtorch 2.7.1+cpu for CPUs in " + lib);
    }

    @Test
    void aFolderAloneIsTakenForTheRightVersion() {
        assertThat(named().inWords()).isEqualTo("libtorch for CPUs in " + lib);
    }

    @Test
    void anotherVersionIsRefusedWithBothVersions() throws IOException {
        Files.writeString(folder.resolve("torch/build-version"), "2.7.0+cu128\n");
        assertThatThrownBy(this::named)
                .isInstanceOf(WrongUse.class)
                .hasMessageContainingAll(lib.toString(), "libtorch 2.7.0+cu128", "needs libtorch 2.7.1");
    }

    @Test
    void anotherVersionInTheEnvironmentIsRefusedToo() {
        assertThatThrownBy(
                        () -> Libtorch.of(Map.of("PYTORCH_LIBRARY_PATH", lib.toString(), "PYTORCH_VERSION", "2.5.1")))
                .isInstanceOf(WrongUse.class)
                .hasMessage(
                        "PYTORCH_VERSION=2.5.1, but spark-qa's JNI library needs libtorch 2.7.1; unset PYTORCH_VERSION");
        assertThatThrownBy(() -> Libtorch.of(Map.of("PYTORCH_VERSION", "2.5.1")))
                .as("with the build's own libtorch")
                .isInstanceOf(WrongUse.class);
    }

    @Test
    void aPathWithoutLibtorchIsRefused() {
        assertThatThrownBy(() -> Libtorch.of(Map.of("PYTORCH_LIBRARY_PATH", folder.toString())))
                .isInstanceOf(WrongUse.class)
                .hasMessageContainingAll(folder + " holds no libtorch.so", "torch==2.7.1");
    }

    @Test
    void aBuildForCpusSaysWhyTheActivePythonEnvironmentIsNotUsed() throws IOException {
        assertThat(problemWithActive("2.11.0+cu130"))
                .isEqualTo("libtorch 2.7.1 for CPUs has no CUDA; the active Python environment has torch 2.11.0+cu130,"
                        + " and 2.7.1 is needed: install torch==2.7.1 there");
        assertThat(problemWithActive("2.7.1+cpu"))
                .endsWith("has torch 2.7.1+cpu without CUDA: install torch==2.7.1 for CUDA there");
        Path lib = Files.createDirectories(folder.resolve("env/lib/python3.12/site-packages/torch/lib"));
        Files.createFile(lib.resolve("libtorch_cuda.so"));
        assertThat(problemWithActive("2.7.1+cu126"))
                .as("without the scripts")
                .endsWith("set PYTORCH_LIBRARY_PATH=" + lib);
    }

    private String problemWithActive(String version) throws IOException {
        Path torch = Files.createDirectories(folder.resolve("env/lib/python3.12/site-packages/torch"));
        Files.writeString(torch.resolve("version.py"), "__version__ = '" + version + "'\n");
        Map<String, String> environment = Map.of(
                version.endsWith("cpu") ? "CONDA_PREFIX" : "VIRTUAL_ENV",
                folder.resolve("env").toString());
        return Libtorch.of(environment).problem(environment).orElseThrow();
    }

    private Libtorch named() {
        return Libtorch.of(Map.of("PYTORCH_LIBRARY_PATH", lib.toString()));
    }
}
