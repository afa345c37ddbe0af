package io.sparkqa.ask;

import io.sparkqa.decode.Prediction;
import io.sparkqa.decode.QuestionAnswerer.Question;
import java.util.List;

/** Answers questions about texts, such as {@link io.sparkqa.decode.QuestionAnswerer#answer(List)}. */
@FunctionalInterface
public interface Answerer {
    /**
     * Returns a prediction for each question, in order.
     *
     * @throws io.sparkqa.config.UserError if the answer was stopped
     */
    List<Prediction> answer(List<Question> questions);
}
