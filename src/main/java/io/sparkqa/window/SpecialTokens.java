package io.sparkqa.window;

import com.fasterxml.jackson.databind.JsonNode;
import io.sparkqa.config.Printable;
import io.sparkqa.config.UserError;
import java.util.ArrayList;
import java.util.List;
import java.util.function.ToIntFunction;

/**
 * The ids of the special tokens in a window. They are those that the tokenizer's own post-processor puts around a pair of
 * texts. A tokenizer without one gets RoBERTa's: {@code <s> question </s></s> context </s>}.
 *
 * @param before int[n], n > 0: before the question; a span at the first one means that the window has no answer
 * @param between int[n]: between question and context
 * @param after int[n]: after the context
 */
@SuppressWarnings("ArrayRecordComponent") // Special tokens are never compared.
record SpecialTokens(int[] before, int[] between, int[] after) {
    /** Most special tokens of a window; RoBERTa has 4. */
    private static final int MOST = 16;

    /**
     * Reads the special tokens of a tokenizer.json.
     *
     * @param ids returns the id of a token, or throws a {@link UserError} if there is none
     * @param size number of ids
     * @throws UserError if the post-processor can't be used
     */
    static SpecialTokens of(JsonNode tokenizer, ToIntFunction<String> ids, int size, String source) {
        Reader reader = new Reader(source);
        reader.read(tokenizer.path("post_processor"));
        if (!reader.found) {
            int start = ids.applyAsInt("<s>");
            int end = ids.applyAsInt("</s>");
            reader.set(List.of(start), List.of(end, end), List.of(end));
        }
        return reader.checked(size);
    }

    /** Returns how many there are in a window. */
    int count() {
        return before.length + between.length + after.length;
    }

    /** Returns a window's ids: these special tokens around the question and the part {@code from..to} of the context. */
    int[] around(int[] question, int[] context, int from, int to) {
        int[] ids = new int[count() + question.length + to - from];
        int at = copy(before, 0, before.length, ids, 0);
        at = copy(question, 0, question.length, ids, at);
        at = copy(between, 0, between.length, ids, at);
        at = copy(context, from, to, ids, at);
        copy(after, 0, after.length, ids, at);
        return ids;
    }

    private static int copy(int[] tokens, int from, int to, int[] ids, int at) {
        System.arraycopy(tokens, from, ids, at, to - from);
        return at + to - from;
    }

    /** Reads post-processors of each type that the tokenizers library has. */
    private static final class Reader {
        private final String source;
        private boolean found;
        private List<Integer> before = List.of();
        private List<Integer> between = List.of();
        private List<Integer> after = List.of();

        Reader(String source) {
            this.source = source;
        }

        private void set(List<Integer> before, List<Integer> between, List<Integer> after) {
            found = true;
            this.before = before;
            this.between = between;
            this.after = after;
        }

        private void read(JsonNode processor) {
            switch (processor.path("type").asText()) {
                case "RobertaProcessing" -> {
                    int sep = id(processor.path("sep").path(1));
                    set(List.of(id(processor.path("cls").path(1))), List.of(sep, sep), List.of(sep));
                }
                case "BertProcessing" -> {
                    int sep = id(processor.path("sep").path(1));
                    set(List.of(id(processor.path("cls").path(1))), List.of(sep), List.of(sep));
                }
                case "TemplateProcessing" -> template(processor);
                case "Sequence" -> processor.path("processors").forEach(this::read);
                default -> {
                    // The others, such as ByteLevel, add no tokens.
                }
            }
        }

        private void template(JsonNode processor) {
            List<List<Integer>> parts = new ArrayList<>(List.of(new ArrayList<>()));
            StringBuilder order = new StringBuilder();
            for (JsonNode piece : processor.path("pair")) {
                if (piece.has("Sequence")) {
                    order.append(piece.path("Sequence").path("id").asText());
                    parts.add(new ArrayList<>());
                } else {
                    String token = piece.path("SpecialToken").path("id").asText();
                    for (JsonNode id :
                            processor.path("special_tokens").path(token).path("ids")) {
                        parts.get(parts.size() - 1).add(id(id));
                    }
                }
            }
            if (!order.toString().equals("AB")) {
                throw refused("the pair template of its post_processor has the texts \"%s\" instead of A, then B"
                        .formatted(Printable.of(order.toString())));
            }
            if (parts.stream().anyMatch(part -> !part.isEmpty())) {
                set(parts.get(0), parts.get(1), parts.get(2));
            }
        }

        private int id(JsonNode id) {
            if (!id.isInt()) {
                throw refused("its post_processor has %s where a token's id should be"
                        .formatted(id.isMissingNode() ? "nothing" : Printable.of(id.toString())));
            }
            return id.intValue();
        }

        private SpecialTokens checked(int size) {
            SpecialTokens tokens = new SpecialTokens(array(before), array(between), array(after));
            if (before.isEmpty()) {
                throw refused(
                        "its post_processor puts no token before the question, whose place stands for \"no answer\"");
            }
            if (tokens.count() > MOST) {
                throw refused(
                        "its post_processor puts %s special tokens around a question and its context; the limit is %s"
                                .formatted(tokens.count(), MOST));
            }
            for (List<Integer> part : List.of(before, between, after)) {
                for (int id : part) {
                    if (id < 0 || id >= size) {
                        throw refused("its post_processor has the id %s, but the vocabulary has the ids 0 to %s"
                                .formatted(id, size - 1));
                    }
                }
            }
            return tokens;
        }

        private static int[] array(List<Integer> ids) {
            return ids.stream().mapToInt(Integer::intValue).toArray();
        }

        private UserError refused(String reason) {
            return new UserError(
                    "%s: %s; set model.tokenizer to the folder of a RoBERTa model".formatted(source, reason));
        }
    }
}
