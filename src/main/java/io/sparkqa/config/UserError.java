package io.sparkqa.config;

/**
 * Something the user can put right: the message names what is wrong (file, record, value) and what to do, and is shown
 * as it is, without a stack trace.
 */
public final class UserError extends RuntimeException {
    public UserError(String message) {
        super(message);
    }

    public UserError(String message, Throwable cause) {
        super(message, cause);
    }
}
