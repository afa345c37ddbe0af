package io.sparkqa.window;

import io.sparkqa.squad.Example;

/** A question leaves too little room in a window for its context. */
public final class QuestionTooLong extends Exception {
    private static final long serialVersionUID = 1L;

    private final int room;

    QuestionTooLong(Example example, int questionTokens, int room, int maxLength, int stride) {
        super("question %s (example %s) has %s tokens and leaves room for %s context tokens in a window of %s; "
                        .formatted(example.id(), example.exampleIndex(), questionTokens, Math.max(room, 0), maxLength)
                + "windows that share %s context tokens need more: raise features.max_length, lower ".formatted(stride)
                + "features.stride, or skip such questions with features.too_long = skip");
        this.room = room;
    }

    /** Returns the number of context tokens that fit next to the question; 0 or less if the question alone is too long. */
    int room() {
        return room;
    }
}
