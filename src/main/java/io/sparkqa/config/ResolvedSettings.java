package io.sparkqa.config;

import com.typesafe.config.ConfigUtil;
import java.lang.reflect.RecordComponent;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;

/** The settings of an {@link Experiment} as keys and values, and as a HOCON file from which the same experiment is read. */
public final class ResolvedSettings {
    /** Keys of Spark that hold secrets. No other setting does. */
    private static final Pattern SECRET =
            Pattern.compile("(?i)spark\\..*(secret|password|token|credential|access\\.?key).*");

    private ResolvedSettings() {}

    /** Returns every set key with its value, in the order of declaration. */
    public static Map<String, String> of(Experiment experiment) {
        Map<String, String> settings = new LinkedHashMap<>();
        collect("", experiment, settings);
        return settings;
    }

    private static void collect(String section, Record values, Map<String, String> settings) {
        for (RecordComponent component : values.getClass().getRecordComponents()) {
            String key = SettingKey.key(section, component);
            Object value = read(component, values);
            if (value instanceof Optional<?> optional) {
                value = optional.orElse(null);
            }
            if (value instanceof Record nested) {
                collect(key + ".", nested, settings);
            } else if (value instanceof Map<?, ?> map) {
                map.forEach((name, named) -> settings.put(key + "." + name, named.toString()));
            } else if (value instanceof Enum<?> constant) {
                settings.put(key, constant.name().toLowerCase(Locale.ROOT));
            } else if (value != null) {
                settings.put(key, value.toString());
            }
        }
    }

    private static Object read(RecordComponent component, Record values) {
        try {
            return component.getAccessor().invoke(values);
        } catch (ReflectiveOperationException e) {
            throw new IllegalStateException("Can't read " + component, e);
        }
    }

    /** Returns a HOCON file with one line for each set key. Secrets among Spark's settings are left out. */
    public static String hocon(Experiment experiment) {
        return hocon(of(experiment));
    }

    /** Returns the same of settings by key. */
    public static String hocon(Map<String, String> settings) {
        StringBuilder text = new StringBuilder();
        settings.forEach((key, value) -> {
            if (key.startsWith("spark.") && SECRET.matcher(key).matches()) {
                text.append("# ").append(key).append(" is set, and left out here\n");
            } else {
                // A key of Spark may be the prefix of another, which HOCON allows only in quotes.
                text.append(key.startsWith("spark.") ? ConfigUtil.quoteString(key) : key)
                        .append(" = ")
                        .append(ConfigUtil.quoteString(value))
                        .append('\n');
            }
        });
        return text.toString();
    }
}
