package io.sparkqa.ask;

import io.sparkqa.decode.Prediction;
import io.sparkqa.decode.Prediction.Candidate;
import io.sparkqa.decode.QuestionAnswerer;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;

/**
 * The model's answers to a question about documents: one answer per document, starting with the document that most likely
 * contains the answer.
 *
 * @param threshold null odds above which there is no answer
 */
public record Reply(String question, double threshold, List<Answer> answers) {
    /** An answer from one document. */
    public record Answer(Document document, Prediction prediction) {
        /** Returns the best span whose text is not empty; empty if the document has no words. */
        public Optional<Candidate> best() {
            return prediction.nBest().stream()
                    .filter(candidate -> candidate.start() < candidate.end())
                    .findFirst();
        }
    }

    /** Asks the model about each document. */
    public static Reply of(String question, List<Document> documents, double threshold, Answerer model) {
        List<Prediction> predictions = model.answer(documents.stream()
                .map(document -> new QuestionAnswerer.Question(question, document.text()))
                .toList());
        List<Answer> answers = IntStream.range(0, documents.size())
                .mapToObj(i -> new Answer(documents.get(i), predictions.get(i)))
                .sorted(Comparator.comparing((Answer answer) -> answer.best().isEmpty())
                        .thenComparing(answer -> answer.prediction().nullOdds()))
                .toList();
        return new Reply(question, threshold, answers);
    }

    /** Returns the answer of the likeliest document. */
    public Answer first() {
        return answers.get(0);
    }

    /**
     * Returns the reply as lines for a person.
     *
     * @param top number of answers shown: the n best of a single document, or the best of each of several
     * @param colours whether the terminal shows colours and bold letters
     */
    public List<String> lines(int top, boolean colours) {
        return new ReplyText(top, colours).lines(this);
    }

    /** Returns the reply as a JSON object on one line; {@code top} as in {@link #lines}. */
    public String json(int top) {
        return ReplyJson.line(this, top);
    }

    /** Returns whether the likeliest document answers the question. */
    public boolean isAnswered() {
        return first().best().isPresent() && !first().prediction().at(threshold).isEmpty();
    }
}
