package io.sparkqa.decode;

import io.sparkqa.decode.QuestionAnswerer.Question;
import io.sparkqa.squad.Example;
import io.sparkqa.window.QuestionTooLong;
import io.sparkqa.window.Window;
import io.sparkqa.window.Windower;
import java.util.ArrayList;
import java.util.List;

/** Questions that are answered together: gives their windows, takes the windows' logits and finds the answers. */
public final class QuestionBatch implements WindowLogits.Block {
    private final List<Question> questions;
    private final SpanDecoder decoder;
    private final List<Window> windows = new ArrayList<>();
    private final List<List<TopLogits>> top = new ArrayList<>();

    /** Cuts the questions into windows. A question that is blank, has a blank text or leaves no room for its text has none. */
    public QuestionBatch(List<Question> questions, Windower windower, SpanDecoder decoder) {
        this.questions = questions;
        this.decoder = decoder;
        for (Question question : questions) {
            if (question.isAnswerable()) {
                windows.addAll(windows(question, top.size(), windower));
            }
            top.add(new ArrayList<>());
        }
    }

    private static List<Window> windows(Question question, int index, Windower windower) {
        try {
            return windower.windows(new Example(
                    index, "number " + (index + 1), "", question.context(), question.question(), List.of(), true));
        } catch (QuestionTooLong e) {
            return List.of();
        }
    }

    /** Returns the windows of all questions, in order. */
    @Override
    public List<Window> windows() {
        return windows;
    }

    /** Takes the logits of one of the windows. */
    @Override
    public void accept(Window window, float[] startLogits, float[] endLogits) {
        top.get((int) window.exampleIndex()).add(decoder.top(window, startLogits, endLogits));
    }

    /** Returns a prediction for each question, in order, from the logits of all windows; {@link Prediction#NONE} without any. */
    public List<Prediction> predictions() {
        List<Prediction> predictions = new ArrayList<>();
        for (int i = 0; i < top.size(); i++) {
            predictions.add(
                    decoder.predict(top.get(i), questions.get(i).context()).ofSpans());
        }
        return predictions;
    }
}
