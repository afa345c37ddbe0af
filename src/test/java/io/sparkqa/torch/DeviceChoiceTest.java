package io.sparkqa.torch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.Device;
import ai.djl.engine.EngineException;
import io.sparkqa.config.UserError;
import io.sparkqa.config.WrongUse;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The choice of a device on simulated machines: folders stand for their /proc and /dev, and a record for what CUDA counts. */
class DeviceChoiceTest {
    private static final Map<String, String> SLURM = Map.of("SLURM_JOB_ID", "7", "SLURM_GPUS_ON_NODE", "1");
    private static final CudaGpus TWO = new CudaGpus(2, "12.6", "");

    @TempDir
    private Path root;

    private Libtorch cpu;
    private Libtorch cuda;

    @BeforeEach
    void libtorches() throws IOException {
        cpu = Libtorch.of(Map.of());
        Files.createFile(root.resolve("libtorch.so"));
        Files.createFile(root.resolve("libtorch_cuda.so"));
        cuda = Libtorch.of(Map.of("PYTORCH_LIBRARY_PATH", root.toString()));
    }

    @Test
    void aMachineWithoutGpusComputesOnItsCpuWithoutAWord() {
        DeviceChoice choice = choice(cpu, CudaGpus.NOT_ASKED, Map.of());
        assertThat(choice.of("auto")).isEqualTo(new DeviceChoice.Chosen(Device.cpu(), ""));
        assertThat(choice.inWords("auto"))
                .isEqualTo("device cpu (this machine shows no NVIDIA GPU), libtorch 2.7.1 for CPUs");
    }

    @Test
    void aGpuThatTheDriverShowsIsNotPassedOverInSilence() throws IOException {
        Files.createDirectories(root.resolve("proc/driver/nvidia/gpus/0000:01:00.0"));
        DeviceChoice.Chosen chosen = choice(cpu, CudaGpus.NOT_ASKED, Map.of()).of("auto");
        assertThat(chosen.device()).isEqualTo(Device.cpu());
        assertThat(chosen.warning())
                .startsWith("this machine has 1 NVIDIA GPU (" + root + "/proc/driver/nvidia/gpus/0000:01:00.0), but")
                .contains("libtorch 2.7.1 for CPUs has no CUDA")
                .endsWith("; computing on the CPU")
                .hasLineCount(1);
    }

    @Test
    void deviceFilesShowGpusWhereTheDriversFolderIsHidden() throws IOException {
        Files.createDirectories(root.resolve("dev"));
        for (String file : new String[] {"nvidia0", "nvidia1", "nvidiactl", "nvidia-uvm"}) {
            Files.createFile(root.resolve("dev").resolve(file));
        }
        assertThat(choice(cpu, CudaGpus.NOT_ASKED, Map.of()).of("auto").warning())
                .startsWith("this machine has 2 NVIDIA GPUs (" + root + "/dev/nvidia0), but");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "-1", "NoDevFiles", "none", "-1,0"})
    void gpusThatAreHiddenOnPurposeDoNotShow(String visible) throws IOException {
        Files.createDirectories(root.resolve("proc/driver/nvidia/gpus/0000:01:00.0"));
        assertThat(choice(cpu, CudaGpus.NOT_ASKED, Map.of("CUDA_VISIBLE_DEVICES", visible))
                        .of("auto")
                        .warning())
                .isEmpty();
    }

    @Test
    void aSlurmJobWithGpusThatCanNotBeUsedIsRefusedUnlessTheCpuIsAskedFor() {
        DeviceChoice choice = choice(cpu, CudaGpus.NOT_ASKED, SLURM);
        assertThatThrownBy(() -> choice.of("auto"))
                .isInstanceOf(WrongUse.class)
                .hasMessageContainingAll("SLURM_GPUS_ON_NODE=1", "has no CUDA", "set train.device=cpu");
        assertThat(choice.of("cpu")).isEqualTo(new DeviceChoice.Chosen(Device.cpu(), ""));
    }

    @Test
    void aSlurmJobWithoutGpusIsLikeAnyMachine() {
        Map<String, String> job = Map.of("SLURM_JOB_ID", "7", "SLURM_GPUS_ON_NODE", "0", "SLURM_JOB_GPUS", "");
        assertThat(choice(cpu, CudaGpus.NOT_ASKED, job).of("auto").warning()).isEmpty();
    }

    @Test
    void aMissingCudartIsNamedWithTheFoldersThatWereSearched() {
        CudaGpus none = CudaGpus.of(List.of(root, root.resolve("no/cuda")), "no-such-cudart");
        assertThat(none.problem())
                .contains(
                        "cudart is neither in [" + root + ", " + root + "/no/cuda]",
                        "install torch",
                        "LD_LIBRARY_PATH");
        assertThatThrownBy(() -> choice(cuda, none, SLURM).of("auto")).hasMessageContaining("cudart is neither in");
    }

    @ParameterizedTest
    @ValueSource(strings = {"libcudart.so", "libcudart.so.12", "libcudart-9335f6a2.so.12"})
    void cudartIsFoundUnderTheNamesOfToolkitsWheelsAndArchives(String name) throws IOException {
        Path file = Files.createFile(root.resolve(name));
        assertThat(CudaGpus.of(cuda, Map.of()).problem()).contains(file + " can't be loaded");
    }

    @Test
    void aGpuThatCudaCountsIsTaken() {
        DeviceChoice choice = choice(cuda, TWO, SLURM);
        assertThat(choice.of("auto")).isEqualTo(new DeviceChoice.Chosen(Device.gpu(0), ""));
        assertThat(choice.of("cuda:1").device()).isEqualTo(Device.gpu(1));
        String inWords = "device cuda:0, libtorch for CUDA in " + root + ", CUDA 12.6";
        assertThat(choice.inWords("auto")).isEqualTo(inWords);
        assertThat(choice(cuda, TWO, Map.of()).inWords("auto"))
                .as("a GPU that CUDA counts and the machine does not show")
                .isEqualTo(inWords);
    }

    @Test
    void aGpuOnWhichLibtorchCanNotComputeIsRefusedWithTheReason() {
        DeviceChoice choice = DeviceChoice.of(
                cuda, ShownGpus.of(root, SLURM), TWO, SLURM, gpu -> Optional.of("no kernel image for GPU " + gpu));
        assertThatThrownBy(() -> choice.of("auto"))
                .isInstanceOf(WrongUse.class)
                .hasMessageContaining("no kernel image for GPU 0");
        assertThatThrownBy(() -> choice.of("cuda:1")).hasMessageContaining("no kernel image for GPU 1");
    }

    @Test
    void aGpuThatOtherProcessesFillIsToldFromOneThatLibtorchDoesNotKnow() {
        assertThat(Hardware.inWords(0, new EngineException("CUDA out of memory. Tried to allocate 2.00 MiB.\nat")))
                .contains("GPU 0: CUDA out of memory. Tried to allocate 2.00 MiB.; other processes hold its memory")
                .doesNotContain("capability");
        assertThat(Hardware.inWords(0, new EngineException("CUDA error: CUBLAS_STATUS_ALLOC_FAILED when calling")))
                .contains("other processes hold its memory");
        assertThat(Hardware.inWords(0, new EngineException("CUDA error: no kernel image is available")))
                .contains("it may not support the GPU's compute capability");
    }

    @Test
    void aDriverThatRefusesIsToldWithTheRemedyForItsReason() {
        assertThat(CudaGpus.refusal("12.6", "CUDA driver version is insufficient", 35))
                .startsWith(
                        "the driver refuses CUDA 12.6: CUDA driver version is insufficient (error 35); nvidia-smi prints")
                .endsWith("or a newer driver");
        assertThat(CudaGpus.refusal("12.6", "no CUDA-capable device is detected", 100))
                .endsWith("(error 100); see whether nvidia-smi lists the GPU");
    }

    @Test
    void aProcessCountsOnAllOfAGpusMemoryUnlessOthersHoldMoreThanATenth() {
        assertThat(new CudaGpus.Memory(80_000, 79_400).available()).isEqualTo(80_000);
        assertThat(new CudaGpus.Memory(80_000, 30_000).available()).isEqualTo(30_000);
    }

    @Test
    void aGpuThatDoesNotExistIsRefusedWithTheReason() {
        assertThatThrownBy(() -> choice(cuda, TWO, Map.of()).of("cuda:7"))
                .isInstanceOf(WrongUse.class)
                .hasMessageContainingAll("cuda:7", "CUDA counts 2 GPUs from cuda:0;", "set train.device=cpu");
        assertThatThrownBy(() -> choice(cuda, new CudaGpus(1, "12.6", ""), Map.of("CUDA_VISIBLE_DEVICES", "3"))
                        .of("cuda:3"))
                .hasMessageContaining("CUDA counts 1 GPU from cuda:0; CUDA_VISIBLE_DEVICES=3 hides the others;");
        assertThatThrownBy(() -> choice(cpu, CudaGpus.NOT_ASKED, Map.of()).of("cuda:0"))
                .isInstanceOf(WrongUse.class)
                .hasMessageContainingAll("cuda:0", "has no CUDA");
    }

    @Test
    void anUnknownDeviceIsRefused() {
        assertThatThrownBy(() -> choice(cpu, CudaGpus.NOT_ASKED, Map.of()).of("tpu"))
                .isInstanceOf(UserError.class)
                .hasMessageContaining("use auto, cpu or cuda:N");
    }

    @Test
    void aLoginNodeWithoutGpusTakesTheSettingAtItsWord() {
        assertThat(choice(cpu, CudaGpus.NOT_ASKED, Map.of()).inWords("cuda:3"))
                .startsWith(
                        "device cuda:3, which this machine does not have; libtorch 2.7.1 for CPUs has no CUDA; activate a Python");
        assertThatThrownBy(() -> choice(cuda, TWO, Map.of()).inWords("cuda:3"))
                .as("with GPUs that CUDA counts and the machine does not show")
                .hasMessageContaining("CUDA counts 2 GPUs");
        assertThat(choice(cuda, CudaGpus.of(List.of(), "no-such-cudart"), Map.of())
                        .inWords("cuda:3"))
                .isEqualTo("device cuda:3, which this machine does not have; libtorch for CUDA in " + root);
    }

    private DeviceChoice choice(Libtorch libtorch, CudaGpus cuda, Map<String, String> environment) {
        return DeviceChoice.of(libtorch, ShownGpus.of(root, environment), cuda, environment, gpu -> Optional.empty());
    }
}
