package io.sparkqa.model;

import static org.assertj.core.api.Assertions.assertThat;

import io.sparkqa.Mutations;
import io.sparkqa.References;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A broken config.json is refused with a message that names it; one that is accepted describes a possible network. */
class RobertaConfigFuzzTest {
    private static final byte[] VALID = TinyNetwork.JSON.getBytes(StandardCharsets.UTF_8);

    @TempDir
    Path folder;

    private Path file;

    @BeforeEach
    void nameTheFile() {
        file = folder.resolve("config.json");
    }

    @Test
    void brokenValuesAreRefusedByName() throws Exception {
        Mutations.check(file, VALID, Mutations::json, RobertaConfigFuzzTest::read);
    }

    @Test
    void brokenBytesAreRefusedByName() throws Exception {
        Mutations.check(file, VALID, Mutations::bytes, RobertaConfigFuzzTest::read);
    }

    @Test
    void brokenFilesFoundBeforeAreRefusedByName() throws Exception {
        for (String reader : new String[] {"robertaconfig-", "modelfolder-config-"}) {
            for (byte[] input : References.brokenInputs(reader)) {
                Mutations.checkOne(file, input, RobertaConfigFuzzTest::read);
            }
        }
    }

    private static void read(Path file) {
        RobertaConfig config = RobertaConfig.read(file);
        assertThat(config.layers()).isBetween(1, 1000);
        assertThat(config.padTokenId()).isBetween(0, config.vocabSize() - 1);
        assertThat(config.typeVocabSize()).isPositive();
        assertThat(config.longestWindow()).isGreaterThanOrEqualTo(8);
        assertThat(config.hiddenDropout()).isBetween(0.0, 0.99);
        assertThat(config.attentionDropout()).isBetween(0.0, 0.99);
        assertThat(config.layerNormEps()).isBetween(0.0, 1.0);
        config.questionAnsweringJson();
    }
}
