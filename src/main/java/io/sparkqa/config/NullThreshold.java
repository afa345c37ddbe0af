package io.sparkqa.config;

import java.util.Optional;
import java.util.OptionalDouble;

/** A null threshold as it is set: a number, or {@code auto}, the threshold that gives the best F1 on dev. */
public final class NullThreshold {
    private static final String AUTO = "auto";

    private final OptionalDouble number;

    private NullThreshold(OptionalDouble number) {
        this.number = number;
    }

    /** Returns the threshold that a text stands for; empty if it is neither a finite number nor {@code auto}. */
    static Optional<NullThreshold> parse(String text) {
        if (text.equalsIgnoreCase(AUTO)) {
            return Optional.of(new NullThreshold(OptionalDouble.empty()));
        }
        try {
            double value = Double.parseDouble(text);
            return Double.isFinite(value) ? Optional.of(new NullThreshold(OptionalDouble.of(value))) : Optional.empty();
        } catch (NumberFormatException e) {
            return Optional.empty();
        }
    }

    /** Returns whether this is {@code auto}. */
    public boolean isAuto() {
        return number.isEmpty();
    }

    /** Returns the number; empty for {@code auto}. */
    public OptionalDouble number() {
        return number;
    }

    /** Returns the text from which this threshold can be read again. */
    @Override
    public String toString() {
        return number.isPresent() ? Double.toString(number.getAsDouble()) : AUTO;
    }
}
