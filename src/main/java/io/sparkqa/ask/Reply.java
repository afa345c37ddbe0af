package io.sparkqa.ask;

import io.sparkqa.decode.Prediction;
import io.sparkqa.decode.Prediction.Candidate;
import io.sparkqa.decode.QuestionAnswerer;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;

/**
 * What the model says to a question about some documents: one answer a document, the document that most likely holds the
 * answer first.
 *
 * @param threshold null odds above which there is no answer
 */
public record Reply(String question, double threshold, List<Answer> answers) {
    /** An answer from one document. */
    public record Answer(Document document, Prediction prediction) {
        /** Returns the best span whose text is not empty; there is none if the text has no words. */
        public Optional<Candidate> best() {
            return prediction.nBest().stream()
                    .filter(candidate -> candidate.start() < candidate.end())
                    .findFirst();
        }
    }

    /** Asks about each document. */
    public static Reply of(String question, List<Document> documents, double threshold, QuestionAnswerer model) {
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
     * @param top answers shown: of one document its n best, of several the best of each
     * @param colours whether the terminal shows colours and bold letters
     */
    public List<String> lines(int top, boolean colours) {
        return new ReplyText(top, colours).lines(this);
    }

    /** Returns the reply as a JSON object on one line; {@code top} as in {@link #lines}. */
    public String json(int top) {
        return ReplyJson.line(this, top);
    }

    /** Whether the likeliest document answers the question. */
    public boolean isAnswered() {
        return first().best().isPresent() && !first().prediction().at(threshold).isEmpty();
    }
}
