package io.sparkqa.ask;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.sparkqa.config.Printable;
import io.sparkqa.decode.Prediction.Candidate;

/**
 * A reply as a JSON object on one line: {@code question}, {@code answer} (empty if there is none), {@code answered}, {@code
 * probability}, {@code null_odds}, {@code threshold}, {@code start} and {@code end} in code points of the text, {@code
 * document}, and {@code n_best}.
 */
final class ReplyJson {
    private static final ObjectMapper JSON = new ObjectMapper();

    private ReplyJson() {}

    /**
     * Returns the line.
     *
     * @param top number of answers in {@code n_best}: the n best of a single document, or the best of each of several
     */
    static String line(Reply reply, int top) {
        ObjectNode line = JSON.createObjectNode().put("question", reply.question());
        line.put("answered", reply.isAnswered());
        line.put(
                "answer",
                reply.isAnswered() ? reply.first().best().orElseThrow().text() : "");
        line.put("threshold", reply.threshold());
        reply.first().best().ifPresent(best -> describe(line, best, reply.first()));
        ArrayNode others = line.putArray("n_best");
        if (reply.answers().size() > 1) {
            reply.answers().stream().limit(top).forEach(answer -> answer.best()
                    .ifPresent(best -> describe(others.addObject().put("text", best.text()), best, answer)));
        } else {
            reply.first().prediction().nBest().stream()
                    .filter(candidate -> candidate.start() < candidate.end())
                    .limit(top)
                    .forEach(candidate ->
                            describe(others.addObject().put("text", candidate.text()), candidate, reply.first()));
        }
        try {
            return Printable.json(JSON.writeValueAsString(line));
        } catch (JsonProcessingException e) {
            throw new IllegalStateException(e);
        }
    }

    private static void describe(ObjectNode node, Candidate span, Reply.Answer answer) {
        node.put("probability", span.probability());
        node.put("null_odds", answer.prediction().nullOdds());
        node.put("start", span.start()).put("end", span.end());
        answer.document().file().ifPresent(file -> node.put("document", file.toString()));
    }
}
