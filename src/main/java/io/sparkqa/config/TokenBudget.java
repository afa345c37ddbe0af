package io.sparkqa.config;

import java.io.Serializable;
import java.util.Optional;

/** The setting of a token budget: a number, or {@code auto} for what suits the device. */
public final class TokenBudget implements Serializable {
    private static final long serialVersionUID = 1;
    private static final String AUTO_TEXT = "auto";

    /** What suits the device. */
    public static final TokenBudget AUTO = new TokenBudget(0);

    /** 0 for auto. */
    private final int tokens;

    private TokenBudget(int tokens) {
        this.tokens = tokens;
    }

    /**
     * Returns a budget of so many tokens.
     *
     * @param tokens at least 1
     */
    public static TokenBudget of(int tokens) {
        if (tokens < 1) {
            throw new IllegalArgumentException("a budget of " + tokens + " tokens");
        }
        return new TokenBudget(tokens);
    }

    /** Parses a budget; empty if the text is neither a whole number of at least 1 nor {@code auto}. */
    public static Optional<TokenBudget> parse(String text) {
        if (text.equalsIgnoreCase(AUTO_TEXT)) {
            return Optional.of(AUTO);
        }
        try {
            int tokens = Integer.parseInt(text);
            return tokens >= 1 ? Optional.of(of(tokens)) : Optional.empty();
        } catch (NumberFormatException e) {
            return Optional.empty();
        }
    }

    /** Returns whether this is {@code auto}. */
    public boolean isAuto() {
        return tokens == 0;
    }

    /** Returns the number, or the device's for {@code auto}. */
    public int or(int devices) {
        return isAuto() ? devices : tokens;
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof TokenBudget that && that.tokens == tokens;
    }

    @Override
    public int hashCode() {
        return tokens;
    }

    /** Returns the text from which this budget can be read again. */
    @Override
    public String toString() {
        return isAuto() ? AUTO_TEXT : Integer.toString(tokens);
    }
}
