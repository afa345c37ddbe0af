package io.sparkqa.job;

import io.sparkqa.config.UserError;
import io.sparkqa.files.Staging;
import io.sparkqa.model.ModelFolder;
import io.sparkqa.model.TorchScriptExport;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Writes a run's model, or any fine-tuned model folder, for other programs. It needs neither Spark nor libtorch. */
@Command(
        name = "export",
        description = {
            "Writes a run's model, or a fine-tuned model folder, to one file that libtorch loads in Python, C++ and Java.",
            "Its forward takes input_ids and attention_mask, int64[windows, tokens], and returns start_logits and end_logits,"
                    + " float32[windows, tokens]."
        })
public final class ExportJob extends Tool {
    @Parameters(index = "0", paramLabel = ModelArgument.LABEL, description = ModelArgument.DESCRIPTION)
    private Path subject;

    @Parameters(index = "1..*", paramLabel = "key=value", description = "Settings that override the file's.")
    private List<String> overrides = new ArrayList<>();

    @Option(
            names = "--torchscript",
            paramLabel = "FILE",
            required = true,
            description = "The TorchScript file to write, such as model.pt; a file that is there is replaced.")
    private Path file;

    public static void main(String[] arguments) {
        System.exit(new ExportJob().run(arguments));
    }

    @Override
    int execute() throws IOException {
        Path folder = ModelArgument.read(subject, overrides).folder();
        ModelFolder.Weights weights = ModelFolder.read(folder, 0).requireTrained(folder);
        requirePlace();
        Path staging = Staging.of(file);
        try {
            TorchScriptExport.write(staging, weights);
            Staging.publish(staging, file);
        } finally {
            Files.deleteIfExists(staging);
        }
        out().printf(Locale.ROOT, "export: %s (%,.1f MB) from %s%n", file, Files.size(file) / 1e6, folder);
        return DONE;
    }

    private void requirePlace() {
        Path parent = file.toAbsolutePath().getParent();
        if (Files.isDirectory(file) || parent == null || !Files.isDirectory(parent)) {
            throw new UserError("--torchscript %s: %s; give the name of a file in a folder that exists"
                    .formatted(file, Files.isDirectory(file) ? "this is a folder" : "there is no folder " + parent));
        }
    }
}
