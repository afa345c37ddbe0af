package io.sparkqa.decode;

import io.sparkqa.config.Experiment;
import io.sparkqa.config.Experiment.Dtype;
import io.sparkqa.config.TokenBudget;
import io.sparkqa.window.PairTokenizer;
import io.sparkqa.window.Windower;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Answers questions about texts with a fine-tuned model, in this process and without Spark. Texts may be longer than a
 * window. Not thread-safe.
 */
public final class QuestionAnswerer implements AutoCloseable {
    private final Windower windower;
    private final WindowLogits network;
    private final SpanDecoder decoder;
    private final List<AutoCloseable> owned;

    /**
     * A question about a text.
     *
     * @param question the question; if null or blank, there is no answer
     * @param context the text; if null or blank, there is no answer
     */
    public record Question(String question, String context) {
        boolean isAnswerable() {
            return question != null && context != null && !question.isBlank() && !context.isBlank();
        }
    }

    /**
     * The settings of answering.
     *
     * @param maxLength longest window in tokens; shorter if the network has fewer positions
     * @param stride context tokens that neighbouring windows share
     * @param batchTokens tokens of one forward pass
     * @param device {@code auto}, {@code cpu} or {@code cuda:N}
     */
    public record Settings(
            int maxLength, int stride, SpanDecoder decoder, TokenBudget batchTokens, Dtype dtype, String device) {
        /** Returns the settings of an experiment. */
        public static Settings of(Experiment experiment) {
            Experiment.Decode decode = experiment.decode();
            return new Settings(
                    experiment.features().maxLength(),
                    experiment.features().stride(),
                    SpanDecoder.of(decode),
                    decode.batchTokens(),
                    experiment.train().dtype(),
                    experiment.train().device());
        }
    }

    private QuestionAnswerer(PairTokenizer tokenizer, LogitsRunner network, Settings settings) {
        this.windower = new Windower(
                tokenizer,
                Math.min(settings.maxLength(), network.network().config().longestWindow()),
                settings.stride());
        this.network = network;
        this.decoder = settings.decoder();
        this.owned = List.of(network, tokenizer);
    }

    /**
     * Opens the HuggingFace folder of a fine-tuned model.
     *
     * @throws io.sparkqa.config.UserError if it is not a model folder, or its tensors or tokenizer can't be used
     */
    public static QuestionAnswerer open(Path modelFolder, Settings settings) {
        PairTokenizer tokenizer = PairTokenizer.open(modelFolder);
        try {
            LogitsRunner network =
                    LogitsRunner.open(modelFolder, settings.dtype(), settings.device(), settings.batchTokens());
            return new QuestionAnswerer(tokenizer, network, settings);
        } catch (RuntimeException e) {
            tokenizer.close();
            throw e;
        }
    }

    /** Answers one question. */
    public Prediction answer(String question, String context) {
        return answer(List.of(new Question(question, context))).get(0);
    }

    /**
     * Returns a prediction for each question, in order: {@link Prediction#NONE} if the question or its text is blank, or if
     * the question leaves no room for its text in a window. Consecutive questions about the same text are answered faster.
     */
    public List<Prediction> answer(List<Question> questions) {
        return answer(questions, (windows, all) -> {});
    }

    /** Hears how far an answer is. */
    @FunctionalInterface
    public interface Watch {
        /**
         * Called after each window. An exception ends the answer.
         *
         * @param windows number of windows that went through the network
         * @param all number of all windows
         */
        void answered(int windows, int all);
    }

    /** The same as {@link #answer(List)}, and calls {@code watch} on the way. */
    public List<Prediction> answer(List<Question> questions, Watch watch) {
        QuestionBatch batch = new QuestionBatch(questions, windower, decoder);
        AtomicInteger answered = new AtomicInteger();
        network.run(batch.windows(), (window, startLogits, endLogits) -> {
            batch.accept(window, startLogits, endLogits);
            watch.answered(answered.incrementAndGet(), batch.windows().size());
        });
        return batch.predictions();
    }

    /** Closes model and tokenizer. */
    @Override
    public void close() {
        for (AutoCloseable part : owned) {
            try {
                part.close();
            } catch (Exception e) {
                throw new IllegalStateException(e);
            }
        }
    }
}
