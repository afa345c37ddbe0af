package io.sparkqa.model;

import java.util.Arrays;
import java.util.Optional;

/**
 * HuggingFace's model types whose network is RoBERTa's. Their configurations have the same defaults but for the vocabulary
 * (transformers, {@code configuration_roberta.py}, {@code configuration_xlm_roberta.py}, {@code
 * configuration_camembert.py}).
 */
enum ModelType {
    ROBERTA("roberta", "RobertaForQuestionAnswering", 50_265),
    XLM_ROBERTA("xlm-roberta", "XLMRobertaForQuestionAnswering", 30_522),
    CAMEMBERT("camembert", "CamembertForQuestionAnswering", 30_522);

    private final String id;
    private final String architecture;
    private final int vocabSize;

    ModelType(String id, String architecture, int vocabSize) {
        this.id = id;
        this.architecture = architecture;
        this.vocabSize = vocabSize;
    }

    /** Returns the type that config.json calls so. */
    static Optional<ModelType> named(String id) {
        return Arrays.stream(values()).filter(type -> type.id.equals(id)).findFirst();
    }

    /** The name in config.json. */
    String id() {
        return id;
    }

    /** HuggingFace's class for question answering. */
    String architecture() {
        return architecture;
    }

    /** Tokens where config.json does not say. */
    int vocabSize() {
        return vocabSize;
    }
}
