package io.sparkqa.djl;

import ai.djl.modality.nlp.qa.QAInput;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.djl.translate.Batchifier;
import ai.djl.translate.Translator;
import ai.djl.translate.TranslatorContext;
import io.sparkqa.decode.Prediction;
import io.sparkqa.decode.QuestionAnswerer.Question;
import io.sparkqa.decode.QuestionBatch;
import io.sparkqa.decode.SpanDecoder;
import io.sparkqa.window.PairTokenizer;
import io.sparkqa.window.Window;
import io.sparkqa.window.Windower;
import java.util.Arrays;
import java.util.List;
import java.util.function.Function;

/**
 * Turns questions into the windows that {@link SpanBlock} takes, and its logits into answers. Thread-safe.
 *
 * @param maxLength longest window in tokens
 * @param stride context tokens that neighbouring windows share
 * @param answer what becomes of a question's prediction
 */
record AnswerTranslator<O>(
        PairTokenizer tokenizer, int maxLength, int stride, SpanDecoder decoder, Function<Prediction, O> answer)
        implements Translator<QAInput, O> {
    /** Key under which a call keeps its questions while the block computes. */
    private static final String BATCH = "questions";

    /** A call's windows form a batch as they are, and so do its logits. */
    private static final Batchifier WHOLE = new Batchifier() {
        @Override
        public NDList batchify(NDList[] inputs) {
            if (inputs.length != 1) {
                throw new IllegalArgumentException(
                        "windows of several calls can't be joined; give one list of questions");
            }
            return inputs[0];
        }

        @Override
        public NDList[] unbatchify(NDList inputs) {
            return new NDList[] {inputs};
        }
    };

    @Override
    public Batchifier getBatchifier() {
        return WHOLE;
    }

    @Override
    public NDList processInput(TranslatorContext context, QAInput input) {
        return batchProcessInput(context, List.of(input));
    }

    @Override
    public O processOutput(TranslatorContext context, NDList logits) {
        return batchProcessOutput(context, logits).get(0);
    }

    /** Returns the ids and the attention mask of all windows, int64[B, T] each. */
    @Override
    public NDList batchProcessInput(TranslatorContext context, List<QAInput> inputs) {
        List<Question> questions = inputs.stream()
                .map(input -> new Question(input.getQuestion(), input.getParagraph()))
                .toList();
        QuestionBatch batch = new QuestionBatch(questions, new Windower(tokenizer, maxLength, stride), decoder);
        context.setAttachment(BATCH, batch);
        List<Window> windows = batch.windows();
        int width = windows.stream()
                .mapToInt(window -> window.inputIds().length)
                .max()
                .orElse(0);
        long[] ids = new long[windows.size() * width];
        long[] mask = new long[ids.length];
        Arrays.fill(ids, tokenizer.pad());
        for (int row = 0; row < windows.size(); row++) {
            int[] tokens = windows.get(row).inputIds();
            for (int i = 0; i < tokens.length; i++) {
                ids[row * width + i] = tokens[i];
                mask[row * width + i] = 1;
            }
        }
        NDManager manager = context.getNDManager();
        Shape shape = new Shape(windows.size(), width);
        return new NDList(manager.create(ids, shape), manager.create(mask, shape));
    }

    @Override
    public List<O> batchProcessOutput(TranslatorContext context, NDList logits) {
        QuestionBatch batch = (QuestionBatch) context.getAttachment(BATCH);
        float[] starts = logits.get(0).toFloatArray();
        float[] ends = logits.get(1).toFloatArray();
        int width = Math.toIntExact(logits.get(0).getShape().get(1));
        int first = 0;
        for (Window window : batch.windows()) {
            int end = first + window.inputIds().length;
            batch.accept(window, Arrays.copyOfRange(starts, first, end), Arrays.copyOfRange(ends, first, end));
            first += width;
        }
        return batch.predictions().stream().map(answer).toList();
    }
}
