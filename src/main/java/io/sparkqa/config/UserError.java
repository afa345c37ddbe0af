package io.sparkqa.config;

/**
 * An error that the user can correct: the message says what is wrong, where, and the remedy. It is printed without a stack
 * trace, also if it was thrown on a Spark executor. Texts from users' files may be part of it: see {@link Printable}.
 */
public class UserError extends RuntimeException {
    private static final long serialVersionUID = 1L;

    public UserError(String message) {
        super(Printable.message(message));
    }

    public UserError(String message, Throwable cause) {
        super(Printable.message(message), cause);
    }
}
