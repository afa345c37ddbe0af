package io.sparkqa.config;

import java.util.Optional;
import java.util.OptionalDouble;

/** The setting of a null threshold: a number, or {@code auto} for the threshold with the best F1 on dev. */
public final class NullThreshold {
    private static final String AUTO = "auto";

    private final OptionalDouble number;

    private NullThreshold(OptionalDouble number) {
        this.number = number;
    }

    /** Parses a threshold; empty if the text is neither a finite number nor {@code auto}. */
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
