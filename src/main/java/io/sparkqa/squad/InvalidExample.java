package io.sparkqa.squad;

/** A question that does not have SQuAD's form. The message gives the reason, but not the file or record. */
public final class InvalidExample extends Exception {
    private static final long serialVersionUID = 1L;

    InvalidExample(String reason) {
        super(reason);
    }
}
