package io.sparkqa.config;

/** A command line or a setting that can't be meant: nothing was started, the exit code is 2. */
public final class WrongUse extends UserError {
    private static final long serialVersionUID = 1L;

    public WrongUse(String message) {
        super(message);
    }

    public WrongUse(String message, Throwable cause) {
        super(message, cause);
    }
}
