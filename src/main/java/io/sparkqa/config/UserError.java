package io.sparkqa.config;

/**
 * Something the user can put right: the message names what is wrong, where, and the remedy. It is printed as it is,
 * without a stack trace, and survives the way from a Spark executor to the driver.
 */
public class UserError extends RuntimeException {
    private static final long serialVersionUID = 1L;

    public UserError(String message) {
        super(message);
    }

    public UserError(String message, Throwable cause) {
        super(message, cause);
    }
}
