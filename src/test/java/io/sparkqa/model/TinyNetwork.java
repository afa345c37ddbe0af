package io.sparkqa.model;

import ai.djl.Device;
import io.sparkqa.torch.TorchFile;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.function.UnaryOperator;

/** A network of a few thousand random parameters. */
public final class TinyNetwork {
    public static final String JSON =
            """
            {"architectures": ["RobertaForQuestionAnswering"], "model_type": "roberta", "hidden_act": "gelu",
             "vocab_size": 60, "hidden_size": 16, "num_hidden_layers": 2, "num_attention_heads": 2,
             "intermediate_size": 32, "max_position_embeddings": 40, "type_vocab_size": 1, "pad_token_id": 1,
             "layer_norm_eps": 1e-05, "initializer_range": 0.3, "torch_dtype": "float32"}
            """;

    /** Flash attention's plain counterpart for a CPU, which has none: one window after the other, by matrix products. */
    private static final String STAND_IN =
            """

                def stand_in(
                    self, query: Tensor, key: Tensor, value: Tensor, starts: Tensor, key_starts: Tensor,
                    longest: int, longest_key: int, dropout: float, causal: bool, debug: bool, scale: float
                ) -> Tuple[Tensor, Tensor, Tensor, Tensor, Tensor]:
                    contexts: List[Tensor] = []
                    widest = 0
                    for i in range(starts.size(0) - 1):
                        first = int(starts[i])
                        end = int(starts[i + 1])
                        widest = max(widest, end - first)
                        q = query[first:end].transpose(0, 1)
                        k = key[first:end].transpose(0, 1)
                        v = value[first:end].transpose(0, 1)
                        weights = torch.softmax(q.matmul(k.transpose(1, 2)) * scale, -1)
                        contexts.append(torch.dropout(weights, dropout, True).matmul(v).transpose(0, 1))
                    assert widest == longest and not causal
                    return torch.cat(contexts, 0), starts, starts, starts, starts
            """;

    private TinyNetwork() {}

    public static RobertaConfig config() {
        return config(JSON);
    }

    public static RobertaConfig config(String json) {
        try {
            Path file = Files.createTempFile("config", ".json");
            Files.writeString(file, json);
            RobertaConfig config = RobertaConfig.read(file);
            Files.delete(file);
            return config;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    public static RobertaForQuestionAnswering open(Dropout dropout) {
        ModelFolder.Weights weights = ModelFolder.random(config(), 7);
        return new RobertaForQuestionAnswering(weights, Device.cpu(), dropout, false, false);
    }

    public static Dropout noDropout() {
        return Dropout.none(config());
    }

    /**
     * Opens a network that computes as on a GPU with flash attention: on that GPU, or on a CPU but for that attention itself.
     */
    public static RobertaForQuestionAnswering openAsOnGpu(Device device, double dropout, boolean bfloat16) {
        return device.isGpu()
                ? new RobertaForQuestionAnswering(
                        ModelFolder.random(config(), 7),
                        device,
                        new DeviceDropout(3, dropout, dropout),
                        bfloat16,
                        false)
                : openPacked(dropout, bfloat16);
    }

    /** Opens a network that computes as on a GPU with flash attention, but for that attention itself and the device. */
    public static RobertaForQuestionAnswering openPacked(double dropout, boolean bfloat16) {
        return openPacked(config(), dropout, bfloat16, TinyNetwork::withStandIn);
    }

    /** Opens such a network whose forward pass asks for more memory than any machine has. */
    public static RobertaForQuestionAnswering openTooLarge() {
        return openPacked(config(), 0, false, python -> withStandIn(python)
                .replace(
                        "    def span_logits(self, x: Tensor, head: Head) -> Tensor:\n",
                        "    def span_logits(self, x: Tensor, head: Head) -> Tensor:\n"
                                + "        x = x + torch.zeros([36028797018963968], dtype=FLOAT32)[0]\n"));
    }

    static RobertaForQuestionAnswering openPacked(
            RobertaConfig config, double dropout, boolean bfloat16, UnaryOperator<String> edit) {
        Dropout devices = new DeviceDropout(3, dropout, dropout);
        return new RobertaForQuestionAnswering(
                ModelFolder.random(config, 7),
                Device.cpu(),
                devices,
                Batching.onGpu(80_000_000_000L, config, bfloat16, true),
                false,
                batching -> {
                    TorchFile file =
                            RobertaForQuestionAnswering.file(config, Device.cpu(), devices, batching, bfloat16);
                    return new TorchFile(file.className(), edit.apply(file.python()), file.constants());
                });
    }

    /** Returns the program as it is on a GPU with flash attention, or without it. */
    public static TorchFile programOfGpu(boolean flashAttention) {
        Dropout dropout = Dropout.on(Device.gpu(), config(), 1, 0.1, 0.1);
        Batching batching = Batching.onGpu(80_000_000_000L, config(), flashAttention, flashAttention);
        return RobertaForQuestionAnswering.file(config(), Device.gpu(), dropout, batching, flashAttention);
    }

    static String withStandIn(String python) {
        return python.replace("torch._flash_attention_forward(", "self.stand_in(") + STAND_IN;
    }
}
