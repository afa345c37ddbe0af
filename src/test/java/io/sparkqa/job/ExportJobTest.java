package io.sparkqa.job;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.Device;
import ai.djl.Model;
import io.sparkqa.model.TinyModel;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The command {@code export}; {@code TorchScriptExportTest} compares what the file computes. */
class ExportJobTest {
    @TempDir
    Path folder;

    private Path model;
    private Path file;

    @BeforeEach
    void aModel() throws IOException {
        model = TinyModel.write(folder.resolve("model"));
        file = folder.resolve("model.pt");
    }

    private static StageOutput export(Object... arguments) {
        String[] texts = new String[arguments.length];
        for (int i = 0; i < texts.length; i++) {
            texts[i] = arguments[i].toString();
        }
        return StageOutput.of(new ExportJob(), texts);
    }

    @Test
    void aModelBecomesOneFileThatLibtorchLoads() throws Exception {
        Files.writeString(file, "an older one");
        StageOutput output = export(model, "--torchscript", file);
        assertThat(output.err()).isEmpty();
        assertThat(output.code()).isZero();
        assertThat(output.out()).startsWith("export: " + file).endsWith("from " + model + "\n");
        assertThat(folder).isDirectoryNotContaining("glob:**.partial");
        try (Model loaded = Model.newInstance("model", Device.cpu(), "PyTorch")) {
            loaded.load(folder, "model");
            assertThat(loaded.getBlock()).isNotNull();
        }
    }

    @Test
    void theSameModelGivesTheSameBytes() throws IOException {
        export(model, "--torchscript", file);
        byte[] first = Files.readAllBytes(file);
        export(model, "--torchscript", file);
        assertThat(file).hasBinaryContent(first);
    }

    @Test
    void aCommandLineWithoutAFileIsWrongUseAndAFolderThatIsNotThereAnError() {
        assertThat(export(model).code()).isEqualTo(2);
        StageOutput nowhere = export(model, "--torchscript", folder.resolve("none/model.pt"));
        assertThat(nowhere.code()).isEqualTo(1);
        assertThat(nowhere.err())
                .contains("there is no folder " + folder.resolve("none"))
                .hasLineCount(1);
        assertThat(export(model, "--torchscript", folder).err()).contains("this is a folder");
    }

    @Test
    void aRunWithoutAModelIsToldToTrain() throws IOException {
        Path conf = Files.writeString(folder.resolve("a.conf"), "run.dir = \"%s\"".formatted(folder.resolve("run")));
        StageOutput output = export(conf, "--torchscript", file);
        assertThat(output.code()).isEqualTo(1);
        assertThat(output.err()).contains("jobs/train.sh").hasLineCount(1);
        assertThat(file).doesNotExist();
    }
}
