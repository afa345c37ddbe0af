package io.sparkqa.config;

/** A wrong command line or setting. Nothing was started; the exit code is 2. */
public final class WrongUse extends UserError {
    private static final long serialVersionUID = 1L;

    public WrongUse(String message) {
        super(message);
    }

    public WrongUse(String message, Throwable cause) {
        super(message, cause);
    }
}
