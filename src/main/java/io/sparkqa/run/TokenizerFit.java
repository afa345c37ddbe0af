package io.sparkqa.run;

import io.sparkqa.config.Experiment;
import io.sparkqa.config.UserError;
import io.sparkqa.model.RobertaConfig;
import io.sparkqa.window.PairTokenizer;
import java.nio.file.Path;
import java.util.Optional;

/** Checks that an experiment's tokenizer, network and window length fit together. */
public final class TokenizerFit {
    private TokenizerFit() {}

    /**
     * Checks the settings before any window is made.
     *
     * @throws UserError if the network has no embedding for some of the tokenizer's ids, if the two disagree on the padding id,
     *     or if windows may be longer than the network's positions
     */
    public static void check(Experiment experiment, Inputs inputs, PairTokenizer tokenizer) {
        Optional<Path> file = inputs.networkConfig();
        if (file.isEmpty()) {
            return;
        }
        RobertaConfig network = RobertaConfig.read(file.get());
        if (tokenizer.vocabularySize() > network.vocabSize()) {
            throw new UserError(
                    "%s: the network has embeddings for %s tokens, but the tokenizer %s has %s; set model.tokenizer to the network's own"
                            .formatted(
                                    file.get(), network.vocabSize(), inputs.tokenizer(), tokenizer.vocabularySize()));
        }
        if (tokenizer.pad() != network.padTokenId()) {
            throw new UserError(
                    "%s: the network's padding id is %s, but the tokenizer %s has %s for <pad>; set model.tokenizer to the network's own"
                            .formatted(file.get(), network.padTokenId(), inputs.tokenizer(), tokenizer.pad()));
        }
        int longest = experiment.features().maxLength();
        if (longest > network.longestWindow()) {
            throw new UserError(
                    "features.max_length is %s, but %s has positions for %s tokens; lower features.max_length"
                            .formatted(longest, file.get(), network.longestWindow()));
        }
    }
}
