package io.sparkqa.model;

import java.util.Arrays;
import java.util.Optional;

/**
 * HuggingFace's model types whose network is RoBERTa's. Their configurations have the same defaults except for the size of
 * the vocabulary (transformers, {@code configuration_roberta.py}, {@code configuration_xlm_roberta.py}, {@code
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

    /** Returns the type with an id. */
    static Optional<ModelType> named(String id) {
        return Arrays.stream(values()).filter(type -> type.id.equals(id)).findFirst();
    }

    /** Returns the value of {@code model_type} in config.json. */
    String id() {
        return id;
    }

    /** Returns HuggingFace's class for question answering. */
    String architecture() {
        return architecture;
    }

    /** Returns the default of {@code vocab_size}. */
    int vocabSize() {
        return vocabSize;
    }
}
