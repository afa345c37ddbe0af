package io.sparkqa.squad;

/** A question in a file is not as SQuAD's are. The message says what is wrong, but not in which file or record. */
public final class InvalidExample extends Exception {
    private static final long serialVersionUID = 1L;

    InvalidExample(String reason) {
        super(reason);
    }
}
