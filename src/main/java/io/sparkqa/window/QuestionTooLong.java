package io.sparkqa.window;

import io.sparkqa.squad.Example;

/** A question leaves too little room for its context, which does not fit beside it whole. */
public final class QuestionTooLong extends Exception {
    private static final long serialVersionUID = 1L;

    private final int room;

    QuestionTooLong(Example example, int questionTokens, int room, int maxLength, int stride) {
        super("question %s (example %d) has %d tokens and leaves room for %d of its context's in a window of %d; "
                        .formatted(example.id(), example.exampleIndex(), questionTokens, Math.max(room, 0), maxLength)
                + "windows that share %d need room for more: raise features.max_length, lower ".formatted(stride)
                + "features.stride, or leave such questions without windows by features.too_long = skip");
        this.room = room;
    }

    /** Context tokens that fit beside the question; 0 or less if it is too long by itself. */
    int room() {
        return room;
    }
}
