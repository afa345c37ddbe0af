package io.sparkqa.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.sparkqa.config.UserError;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ModelFolderTest {
    private static final String QUERY = "roberta.encoder.layer.1.attention.self.query.weight";

    @TempDir
    Path folder;

    private Map<String, Safetensors.Tensor> tensors;

    @BeforeEach
    void drawAModel() throws IOException {
        Files.writeString(folder.resolve("config.json"), TinyNetwork.JSON);
        tensors =
                new LinkedHashMap<>(ModelFolder.random(TinyNetwork.config(), 3).tensors());
    }

    @Test
    void aModelIsWrittenByteForByteAsItWasRead() throws IOException {
        save();
        Files.writeString(folder.resolve("tokenizer.json"), "{}");
        Path copy = folder.resolve("copy");
        ModelFolder.Weights read = ModelFolder.read(folder, 0);
        ModelFolder.write(copy, read.config(), read.tensors(), folder);

        for (String file : new String[] {"config.json", "tokenizer.json", "model.safetensors"}) {
            assertThat(copy.resolve(file)).hasSameBinaryContentAs(folder.resolve(file));
        }
        assertThat(read.fresh()).isEmpty();
        assertThat(read.unused()).isEmpty();
    }

    @Test
    void parametersSurviveTheNetwork() throws IOException {
        save();
        ModelFolder.Weights read = ModelFolder.read(folder, 0);
        try (RobertaForQuestionAnswering network = TinyNetwork.open(TinyNetwork.noDropout())) {
            network.restore(read.tensors());
            network.tensors().forEach((name, tensor) -> assertThat(ReferenceModel.floats(tensor))
                    .as(name)
                    .containsExactly(ReferenceModel.floats(tensors.get(name))));
        }
    }

    @Test
    void aBareEncoderGetsARandomHeadAndReportsNewAndUnusedTensors() throws IOException {
        Map<String, Safetensors.Tensor> encoder = new LinkedHashMap<>();
        tensors.forEach((name, tensor) -> {
            if (name.startsWith("roberta.")) {
                encoder.put(name.substring("roberta.".length()), tensor);
            }
        });
        encoder.put("pooler.dense.weight", Safetensors.Tensor.zeros(16, 16));
        Safetensors.write(folder.resolve("model.safetensors"), encoder);

        ModelFolder.Weights read = ModelFolder.read(folder, 5);

        assertThat(read.fresh()).containsExactly("qa_outputs.weight", "qa_outputs.bias");
        assertThat(read.unused()).containsExactly("roberta.pooler.dense.weight");
        assertThat(ReferenceModel.floats(read.tensors().get("qa_outputs.weight")))
                .isEqualTo(ReferenceModel.floats(
                        ModelFolder.read(folder, 5).tensors().get("qa_outputs.weight")))
                .isNotEqualTo(ReferenceModel.floats(
                        ModelFolder.read(folder, 6).tensors().get("qa_outputs.weight")));
    }

    @Test
    void aHeadBesideABareEncoderIsRead() throws IOException {
        Map<String, Safetensors.Tensor> bare = new LinkedHashMap<>();
        tensors.forEach((name, tensor) -> bare.put(name.replaceFirst("^roberta\\.", ""), tensor));
        Safetensors.write(folder.resolve("model.safetensors"), bare);

        ModelFolder.Weights read = ModelFolder.read(folder, 5);

        assertThat(read.requireTrained(folder).tensors().keySet()).containsExactlyElementsOf(tensors.keySet());
        assertThat(read.unused()).isEmpty();
    }

    @Test
    void earlyNamesOfLayerNormsParametersAreRead() throws IOException {
        Map<String, Safetensors.Tensor> early = new LinkedHashMap<>();
        tensors.forEach((name, tensor) -> early.put(
                name.replace("LayerNorm.weight", "LayerNorm.gamma").replace("LayerNorm.bias", "LayerNorm.beta"),
                tensor));
        Safetensors.write(folder.resolve("model.safetensors"), early);

        assertThat(ModelFolder.read(folder, 5).unused()).isEmpty();
    }

    @Test
    void aModelWithoutAHeadCantAnswer() throws IOException {
        tensors.remove("qa_outputs.weight");
        tensors.remove("qa_outputs.bias");
        save();

        assertThatThrownBy(() -> ModelFolder.read(folder, 0).requireTrained(folder))
                .isInstanceOf(UserError.class)
                .hasMessageStartingWith(folder + ": the checkpoint lacks qa_outputs.weight, qa_outputs.bias")
                .hasMessageContaining("train it first");
    }

    @Test
    void weightsOfAnotherTypeAreRefusedByName() throws IOException {
        tensors.put(QUERY, new Safetensors.Bytes("I32", new long[] {16, 16}, ByteBuffer.allocate(1024)));
        save();
        assertThatThrownBy(() -> ModelFolder.read(folder, 0))
                .isInstanceOf(UserError.class)
                .hasMessageContaining("model.safetensors: tensor " + QUERY + " has the type I32");
    }

    @Test
    void aMaskedLanguageModelsHeadIsUnused() throws IOException {
        tensors.remove("qa_outputs.weight");
        tensors.remove("qa_outputs.bias");
        tensors.put("lm_head.bias", Safetensors.Tensor.zeros(60));
        save();

        assertThat(ModelFolder.read(folder, 0).unused()).containsExactly("lm_head.bias");
    }

    @Test
    void aShardedModelIsTheModelOfItsShards() throws IOException {
        Map<String, String> shards = new LinkedHashMap<>();
        for (String shard : new String[] {"model-00001-of-00002.safetensors", "model-00002-of-00002.safetensors"}) {
            Map<String, Safetensors.Tensor> part = new LinkedHashMap<>();
            tensors.forEach((name, tensor) -> {
                if (name.contains(".layer.1.") == shard.contains("00002-")) {
                    part.put(name, tensor);
                    shards.put(name, shard);
                }
            });
            Safetensors.write(folder.resolve(shard), part);
        }
        new ObjectMapper()
                .writeValue(folder.resolve("model.safetensors.index.json").toFile(), Map.of("weight_map", shards));

        ModelFolder.Weights read = ModelFolder.read(folder, 0);

        assertThat(read.fresh()).isEmpty();
        assertThat(read.tensors()).hasSameSizeAs(tensors);
        read.tensors().forEach((name, tensor) -> assertThat(ReferenceModel.floats(tensor))
                .as(name)
                .containsExactly(ReferenceModel.floats(tensors.get(name))));
    }

    @Test
    void aMissingTensorIsNamed() throws IOException {
        tensors.remove(QUERY);
        save();
        assertThatThrownBy(() -> ModelFolder.read(folder, 0))
                .isInstanceOf(UserError.class)
                .hasMessageContaining("model.safetensors: no tensor " + QUERY + "[16, 16]");
    }

    @Test
    void aMisshapenTensorIsNamed() throws IOException {
        tensors.put(QUERY, Safetensors.Tensor.zeros(16, 8));
        save();
        assertThatThrownBy(() -> ModelFolder.read(folder, 0))
                .isInstanceOf(UserError.class)
                .hasMessageContaining(QUERY + " has the shape [16, 8] but config.json requires [16, 16]");
    }

    @Test
    void aPickleIsRefusedWithARemedy() throws IOException {
        Files.writeString(folder.resolve("pytorch_model.bin"), "");
        assertThatThrownBy(() -> ModelFolder.read(folder, 0))
                .isInstanceOf(UserError.class)
                .hasMessageContaining("safe_serialization=True");
    }

    @Test
    void aNetworkOtherThanRobertaIsRefused() throws IOException {
        Files.writeString(folder.resolve("config.json"), TinyNetwork.JSON.replace("\"roberta\"", "\"bert\""));
        save();
        assertThatThrownBy(() -> ModelFolder.read(folder, 0))
                .isInstanceOf(UserError.class)
                .hasMessageContaining("model_type is \"bert\"");
    }

    @Test
    void freshMatricesHaveTheConfiguredSpreadAndBiasesAreZero() {
        float[] query = ReferenceModel.floats(tensors.get(QUERY));
        double square = 0;
        for (float value : query) {
            square += value * value;
        }
        assertThat(Math.sqrt(square / query.length)).isBetween(0.24, 0.36);
        assertThat(ReferenceModel.floats(tensors.get(QUERY.replace("weight", "bias"))))
                .containsOnly(0);
        assertThat(ReferenceModel.floats(tensors.get("roberta.embeddings.LayerNorm.weight")))
                .containsOnly(1);
        float[] words = ReferenceModel.floats(tensors.get("roberta.embeddings.word_embeddings.weight"));
        assertThat(Arrays.copyOfRange(words, 16, 32)).containsOnly(0);
    }

    private void save() throws IOException {
        Safetensors.write(folder.resolve("model.safetensors"), tensors);
    }
}
