package io.sparkqa.config;

/**
 * An error that the user can correct. The message says what is wrong, where, and how to correct it. It is printed without a
 * stack trace, even if it was thrown on a Spark executor. Quote texts from users' files with {@link Printable}.
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
