package io.sparkqa.config;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/** Declares one key of {@link Experiment}: its default, bounds and meaning. */
@Retention(RetentionPolicy.RUNTIME)
@Target(ElementType.RECORD_COMPONENT)
public @interface Setting {
    /** The meaning, for the table of settings. */
    String value();

    /** The default as written in a configuration file; empty for no default. */
    String otherwise() default "";

    /** Smallest allowed number. */
    double min() default Double.NEGATIVE_INFINITY;

    /** Largest allowed number. */
    double max() default Double.POSITIVE_INFINITY;

    /** The allowed texts, in which {@code N} stands for a number of up to four digits; none: any text. */
    String[] words() default {};

    /** Regular expression for the names of a map of settings. */
    String names() default ".+";
}
