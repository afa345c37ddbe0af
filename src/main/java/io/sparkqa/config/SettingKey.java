package io.sparkqa.config;

import java.lang.reflect.ParameterizedType;
import java.lang.reflect.RecordComponent;
import java.lang.reflect.Type;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * One declared key of {@link Experiment}.
 *
 * @param key dotted key in snake_case, such as {@code features.max_length}; for a map, the part before the names
 * @param declaration its meaning, default and bounds
 * @param type type of a value: String, Integer, Long, Double, Boolean, {@link NullThreshold}, {@link TokenBudget}
 *     or an enum
 * @param optional whether it may stay unset
 * @param map whether a name follows the key, as in {@code data.more.mine}
 */
public record SettingKey(String key, Setting declaration, Class<?> type, boolean optional, boolean map) {
    private static final Pattern HUMP = Pattern.compile("(?<=[a-z0-9])(?=[A-Z])");
    private static final Map<Class<?>, Class<?>> BOXES = Map.of(
            int.class, Integer.class, long.class, Long.class, double.class, Double.class, boolean.class, Boolean.class);

    /** Returns the declared key of this name. */
    public static SettingKey named(String key) {
        return all().stream()
                .filter(declared -> declared.key().equals(key))
                .findFirst()
                .orElseThrow();
    }

    /** Returns every declared key, in the order of declaration. */
    static List<SettingKey> all() {
        List<SettingKey> keys = new ArrayList<>();
        collect("", Experiment.class, keys);
        return keys;
    }

    private static void collect(String section, Class<?> type, List<SettingKey> keys) {
        for (RecordComponent component : type.getRecordComponents()) {
            if (component.getType().isRecord()) {
                collect(key(section, component) + ".", component.getType(), keys);
            } else {
                keys.add(of(section, component));
            }
        }
    }

    static SettingKey of(String section, RecordComponent component) {
        boolean optional = component.getType() == Optional.class;
        boolean map = component.getType() == Map.class;
        Class<?> type = component.getType();
        if (optional || map) {
            Type[] arguments = ((ParameterizedType) component.getGenericType()).getActualTypeArguments();
            type = (Class<?>) arguments[arguments.length - 1];
        }
        return new SettingKey(
                key(section, component),
                component.getAnnotation(Setting.class),
                BOXES.getOrDefault(type, type),
                optional,
                map);
    }

    /** Returns the key of a record component: {@code maxLength} in section {@code features.} is features.max_length. */
    static String key(String section, RecordComponent component) {
        return section + HUMP.matcher(component.getName()).replaceAll("_").toLowerCase(Locale.ROOT);
    }

    /** Returns the allowed values in words: {@code a whole number, at least 1}. */
    public String allowed() {
        if (type.isEnum()) {
            return Arrays.stream(type.getEnumConstants())
                    .map(constant -> constant.toString().toLowerCase(Locale.ROOT))
                    .collect(Collectors.joining(" or "));
        }
        if (type == Boolean.class) {
            return "true or false";
        }
        if (type == NullThreshold.class) {
            return "a number or auto";
        }
        if (declaration.words().length > 0) {
            return String.join(" or ", declaration.words());
        }
        if (type == TokenBudget.class) {
            return "a whole number, at least 1, or auto";
        }
        return type == String.class ? "text" : (type == Double.class ? "a number" : "a whole number") + bounds();
    }

    private String bounds() {
        boolean below = declaration.min() > Double.NEGATIVE_INFINITY;
        boolean above = declaration.max() < Double.POSITIVE_INFINITY;
        if (below && above) {
            return " from " + plain(declaration.min()) + " to " + plain(declaration.max());
        }
        return below ? ", at least " + plain(declaration.min()) : above ? ", at most " + plain(declaration.max()) : "";
    }

    private static String plain(double number) {
        return number == Math.rint(number) ? Long.toString((long) number) : Double.toString(number);
    }

    private boolean isWord(String text) {
        return declaration.words().length == 0
                || Arrays.stream(declaration.words()).anyMatch(word -> text.matches(word.replace("N", "\\d{1,4}")));
    }

    /** Returns the value of {@code text} in this key's type; empty if it has another type or is out of bounds. */
    public Optional<Object> parse(String text) {
        try {
            if (type == String.class) {
                return isWord(text) ? Optional.of(text) : Optional.empty();
            }
            if (type == NullThreshold.class) {
                return NullThreshold.parse(text).map(Object.class::cast);
            }
            if (type == TokenBudget.class) {
                return TokenBudget.parse(text).map(Object.class::cast);
            }
            if (type == Boolean.class) {
                return text.equalsIgnoreCase("true") || text.equalsIgnoreCase("false")
                        ? Optional.of(Boolean.valueOf(text))
                        : Optional.empty();
            }
            if (type.isEnum()) {
                return Arrays.stream((Object[]) type.getEnumConstants())
                        .filter(constant -> constant.toString().equalsIgnoreCase(text))
                        .findFirst();
            }
            Number number = type == Integer.class
                    ? Integer.valueOf(text)
                    : type == Long.class ? (Number) Long.valueOf(text) : (Number) Double.valueOf(text);
            double size = number.doubleValue();
            // NaN fails both comparisons. Infinity is refused even without bounds.
            boolean within = size >= declaration.min() && size <= declaration.max() && Double.isFinite(size);
            return within ? Optional.of(number) : Optional.empty();
        } catch (NumberFormatException e) {
            return Optional.empty();
        }
    }
}
