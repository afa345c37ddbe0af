package io.sparkqa.window;

import io.sparkqa.squad.Example;

/** A question leaves too little room for its context, which does not fit beside it whole. */
public final class QuestionTooLong extends Exception {
    private static final long serialVersionUID = 1L;

    QuestionTooLong(Example example, int questionTokens, int room, int maxLength, int stride) {
        super(("question %s (example %d) has %d tokens and leaves room for %d of its context's in a window of %d; "
                        + "windows that share %d need room for more: raise features.max_length, lower "
                        + "features.stride, or leave such questions without windows by features.too_long = skip")
                .formatted(example.id(), example.exampleIndex(), questionTokens, Math.max(room, 0), maxLength, stride));
    }
}
