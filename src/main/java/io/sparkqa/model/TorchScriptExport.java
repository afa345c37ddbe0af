package io.sparkqa.model;

import ai.djl.Device;
import io.sparkqa.torch.TorchFile;
import io.sparkqa.torch.TorchModule;
import io.sparkqa.torch.TorchModule.Values;
import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * Writes a network to one file for any libtorch: a TorchScript module with the weights inside, whose {@code forward} takes
 * {@code input_ids} and {@code attention_mask}, int64[B, S], and returns {@code start_logits} and {@code end_logits},
 * float32[B, S]. The module computes in float32, and its parameters have the checkpoint's names.
 */
public final class TorchScriptExport {
    private static final String NAME = "RobertaForQuestionAnswering";
    private static final String PROGRAM = "program";
    private static final String METHOD = "padded_logits";

    private final StringBuilder classes = new StringBuilder();

    private TorchScriptExport() {}

    /** Writes the file. Not atomic: write to a staging path and rename it. */
    public static void write(Path file, ModelFolder.Weights weights) throws IOException {
        TorchScriptExport export = new TorchScriptExport();
        TorchModule module = export.module(NAME, "", weights.tensors());
        export.forward(weights.tensors().keySet().stream().toList());
        TorchFile program = program(weights.config());
        module.write(file, new TorchFile(NAME, program.python() + export.classes, program.constants()));
    }

    /**
     * Returns the network's program without what older libtorchs lack: training, and attention by a kernel of libtorch's, which
     * is faster than two products.
     */
    static TorchFile program(RobertaConfig config) {
        TorchFile program =
                RobertaForQuestionAnswering.file(config, Device.cpu(), Dropout.none(config), Batching.ON_CPU, false);
        Map<String, Object> constants = new LinkedHashMap<>(program.constants());
        constants.put("PRODUCT_ATTENTION", true);
        return new TorchFile(program.className(), program.python(), constants).reducedTo(METHOD);
    }

    /**
     * Returns the module that holds the tensors whose names begin with a prefix, and declares its class after those of the
     * modules inside.
     */
    private TorchModule module(String className, String prefix, Map<String, Safetensors.Tensor> tensors) {
        Map<String, Values> parameters = new LinkedHashMap<>();
        Map<String, TorchModule> modules = new LinkedHashMap<>();
        tensors.forEach((name, tensor) -> {
            if (!name.startsWith(prefix)) {
                return;
            }
            String[] rest = name.substring(prefix.length()).split("\\.", 2);
            if (rest.length == 1) {
                parameters.put(rest[0], new Values(tensor.shape(), tensor.floats()));
            } else if (!modules.containsKey(rest[0])) {
                String inside = prefix + rest[0] + ".";
                modules.put(rest[0], module("Part_" + inside.replaceAll("\\W", "_"), inside, tensors));
            }
        });
        if (prefix.isEmpty()) {
            modules.put(PROGRAM, TorchModule.of("Roberta"));
        }
        TorchModule module = new TorchModule(className, parameters, modules);
        declare(module);
        return module;
    }

    private void declare(TorchModule module) {
        classes.append("\n\nclass %s(Module):\n".formatted(module.className()));
        classes.append("    __parameters__ = [%s]\n"
                .formatted(module.parameters().keySet().stream()
                        .map(name -> "\"" + name + "\"")
                        .collect(Collectors.joining(", "))));
        classes.append("    __buffers__ = []\n    training: bool\n    __annotations__ = []\n");
        module.parameters().keySet().forEach(name -> annotate(name, "Tensor"));
        module.modules().forEach((name, inside) -> annotate(name, inside.className()));
    }

    /** Declares an attribute's type. The attribute's name is a string, since a layer's name is a number. */
    private void annotate(String attribute, String type) {
        classes.append("    __annotations__[\"%s\"] = %s\n".formatted(attribute, type));
    }

    /** Adds the method to the class that was declared last. */
    private void forward(List<String> names) {
        classes.append("\n    def forward(self, input_ids: Tensor, attention_mask: Tensor) -> SpanLogits:\n");
        classes.append("        w = [%s]\n"
                .formatted(names.stream().map(TorchScriptExport::access).collect(Collectors.joining(", "))));
        classes.append("        return self.%s.%s(w, input_ids, attention_mask)\n".formatted(PROGRAM, METHOD));
    }

    /** Returns the expression of a parameter. */
    private static String access(String name) {
        String expression = "self";
        for (String part : name.split("\\.", -1)) {
            expression = Character.isDigit(part.charAt(0))
                    ? "getattr(%s, \"%s\")".formatted(expression, part)
                    : expression + "." + part;
        }
        return expression;
    }
}
