package io.sparkqa.djl;

import ai.djl.Model;
import ai.djl.modality.Input;
import ai.djl.modality.Output;
import ai.djl.modality.nlp.qa.QAInput;
import ai.djl.modality.nlp.translator.QaServingTranslator;
import ai.djl.translate.Translator;
import ai.djl.translate.TranslatorFactory;
import ai.djl.util.Pair;
import io.sparkqa.config.Experiment;
import io.sparkqa.config.NullThreshold;
import io.sparkqa.decode.Calibration;
import io.sparkqa.decode.Prediction;
import io.sparkqa.decode.SpanDecoder;
import io.sparkqa.model.ModelFolder;
import io.sparkqa.window.PairTokenizer;
import java.io.Serializable;
import java.lang.reflect.Type;
import java.nio.file.Path;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;

/**
 * Makes the translators with which DJL answers questions by a fine-tuned model folder: {@link QAInput} to the answer, which is
 * empty if the question has none; to a {@link Prediction}; or DJL Serving's {@link Input} to {@link Output}. Contexts may be
 * longer than a window. Translators are thread-safe.
 *
 * <p>Settings come from the folder's {@code serving.properties}, or from {@code Criteria.optArgument} under the same names,
 * such as {@code features.stride}. The null threshold is {@code decode.null_threshold}, else the one in the folder's
 * {@code spark_qa.json}, else 0.
 *
 * <p>Serializable, since DJL's own stages for Spark send the factory to executors.
 */
public final class AnswerTranslatorFactory implements TranslatorFactory, Serializable {
    private static final long serialVersionUID = 1L;

    private static final Pair<Type, Type> ANSWER = new Pair<>(QAInput.class, String.class);
    private static final Pair<Type, Type> PREDICTION = new Pair<>(QAInput.class, Prediction.class);
    private static final Pair<Type, Type> SERVING = new Pair<>(Input.class, Output.class);

    @Override
    public Set<Pair<Type, Type>> getSupportedTypes() {
        return Set.of(ANSWER, PREDICTION, SERVING);
    }

    /**
     * Returns a translator for a loaded model.
     *
     * @throws IllegalArgumentException if the types are not supported
     * @throws io.sparkqa.config.UserError if the folder's tokenizer or threshold, or a setting, can't be used
     */
    @Override
    public <I, O> Translator<I, O> newInstance(Class<I> input, Class<O> output, Model model, Map<String, ?> arguments) {
        Pair<Type, Type> types = new Pair<>(input, output);
        if (!getSupportedTypes().contains(types)) {
            throw new IllegalArgumentException("from %s to %s: the supported types are %s"
                    .formatted(input.getName(), output.getName(), getSupportedTypes()));
        }
        Path folder = model.getModelPath();
        Experiment settings = ServingProperties.settings(folder, arguments);
        double threshold = threshold(settings, folder);
        Translator<?, ?> translator;
        if (types.equals(PREDICTION)) {
            translator = translator(model, settings, Function.identity());
        } else {
            Translator<QAInput, String> answers = translator(model, settings, prediction -> prediction.at(threshold));
            translator = types.equals(ANSWER) ? answers : new QaServingTranslator(answers);
        }
        @SuppressWarnings("unchecked") // the classes have been compared
        Translator<I, O> typed = (Translator<I, O>) translator;
        return typed;
    }

    private static <O> Translator<QAInput, O> translator(
            Model model, Experiment settings, Function<Prediction, O> answer) {
        PairTokenizer tokenizer = PairTokenizer.open(model.getModelPath());
        model.getNDManager().attachInternal(PairTokenizer.class.getName(), tokenizer);
        return new AnswerTranslator<>(
                tokenizer,
                Math.min(
                        settings.features().maxLength(),
                        ModelFolder.config(model.getModelPath()).longestWindow()),
                settings.features().stride(),
                SpanDecoder.of(settings.decode()),
                answer);
    }

    private static double threshold(Experiment settings, Path folder) {
        return settings.decode()
                .nullThreshold()
                .map(NullThreshold::number)
                .filter(number -> number.isPresent())
                .map(number -> number.getAsDouble())
                .or(() -> Calibration.thresholdIn(folder))
                .orElse(0.0);
    }
}
