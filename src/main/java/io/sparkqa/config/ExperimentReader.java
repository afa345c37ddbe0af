package io.sparkqa.config;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigException;
import com.typesafe.config.ConfigFactory;
import com.typesafe.config.ConfigObject;
import com.typesafe.config.ConfigOrigin;
import com.typesafe.config.ConfigParseOptions;
import com.typesafe.config.ConfigUtil;
import com.typesafe.config.ConfigValue;
import com.typesafe.config.ConfigValueType;
import java.io.IOException;
import java.lang.reflect.Constructor;
import java.lang.reflect.RecordComponent;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Collectors;

/**
 * Reads a HOCON file and {@code key=value} overrides into an {@link Experiment}.
 *
 * <p>Paths are kept as written; a relative path is relative to the working directory. A file that must work from any folder
 * starts its paths with {@code ${SPARKQA_HOME}}, the project's folder (the environment variable of that name, which
 * jobs/*.sh set; default: "."). An empty value resets a key to its default.
 */
public final class ExperimentReader {
    private static final String HOME = "SPARKQA_HOME";
    private static final String COMMAND_LINE = "command line";
    private static final int MOST_BYTES = 1_000_000;
    private static final int MOST_SUBSTITUTIONS = 64;

    private final List<SettingKey> declared = SettingKey.all();
    private final Map<String, Assignment> assignments = new TreeMap<>();
    private final List<String> problems = new ArrayList<>();

    /** A value as written and its place: file and line, or the command line. */
    private record Assignment(String value, String where) {}

    private ExperimentReader() {}

    /**
     * Returns the experiment that {@code file} describes, changed by the overrides in their order.
     *
     * @throws WrongUse if there are problems, with file, line, key and value of each of them
     */
    public static Experiment read(Path file, List<String> overrides) {
        ExperimentReader reader = new ExperimentReader();
        reader.load(file);
        overrides.forEach(reader::override);
        // Without run.dir the run is named after its configuration file.
        String name = String.valueOf(file.getFileName()).replaceFirst("\\.[^.]*$", "");
        reader.assignments.merge(
                "run.dir",
                new Assignment("runs/" + name, file.toString()),
                (given, named) -> given.value().isEmpty() ? named : given);
        return reader.experiment();
    }

    /** Returns the experiment with these settings, as {@link ResolvedSettings#of} returns them. */
    public static Experiment of(Map<String, String> settings) {
        ExperimentReader reader = new ExperimentReader();
        settings.forEach((key, value) -> reader.assignments.put(key, new Assignment(value, key)));
        return reader.experiment();
    }

    /** Returns an experiment that uses the fine-tuned model of a folder, with these settings besides. */
    public static Experiment ofModelFolder(Path folder, Map<String, String> settings) {
        Map<String, String> all = new TreeMap<>(settings);
        all.putIfAbsent("run.dir", folder.toString());
        all.putIfAbsent("model.from", folder.toString());
        return of(all);
    }

    private Experiment experiment() {
        refuseUnknownKeys();
        Experiment experiment = (Experiment) record("", Experiment.class);
        if (!problems.isEmpty()) {
            throw new WrongUse(String.join("\n", problems));
        }
        return experiment;
    }

    private void load(Path file) {
        if (!Files.isRegularFile(file)) {
            throw new WrongUse("%s: no such configuration file (working directory: %s)"
                    .formatted(file, Path.of("").toAbsolutePath()));
        }
        try {
            requireReasonableSize(file);
            String home = Optional.ofNullable(System.getenv(HOME)).orElse(".");
            Config config = ConfigFactory.parseFile(
                            file.toFile(),
                            ConfigParseOptions.defaults().setAllowMissing(false).appendIncluder(LocalIncludes.only()))
                    .withFallback(ConfigFactory.parseMap(Map.of(HOME, home)));
            SubstitutionGrowth.check(config.root());
            flatten("", config.resolve().withoutPath(HOME).root());
        } catch (ConfigException e) {
            throw new WrongUse(
                    "%s: not a configuration file in HOCON: %s"
                            .formatted(file, Printable.message(String.valueOf(e.getMessage()))),
                    e);
        } catch (StackOverflowError | OutOfMemoryError e) {
            throw new WrongUse(
                    file + ": not a configuration file: it is nested too deeply, or its substitutions grow too large",
                    e);
        } catch (IOException e) {
            throw new WrongUse("%s: can't be read: %s".formatted(file, Reason.of(e)), e);
        }
    }

    /** Refuses what would take long or much memory to read: substitutions can double a value each. */
    static void requireReasonableSize(Path file) throws IOException {
        if (Files.size(file) > MOST_BYTES) {
            throw new WrongUse(String.format(
                    Locale.ROOT, "%s: not a configuration file: it is larger than %,d bytes", file, MOST_BYTES));
        }
        String text = new String(Files.readAllBytes(file), StandardCharsets.UTF_8);
        if (text.indexOf('\0') >= 0) {
            throw new WrongUse(
                    "%s: is encoded as UTF-16 or UTF-32, but a configuration file must be UTF-8; convert it, for example with iconv -f UTF-16 -t UTF-8"
                            .formatted(file));
        }
        if (text.split("\\$\\{", -1).length - 1 > MOST_SUBSTITUTIONS) {
            throw new WrongUse("%s: it has more than %s substitutions ${...}; write values out instead"
                    .formatted(file, MOST_SUBSTITUTIONS));
        }
    }

    /** Collects the values under their dotted keys; a quoted key that contains dots equals a nested one. */
    private void flatten(String section, ConfigObject object) {
        object.forEach((name, value) -> {
            String key = section + name;
            if (value.valueType() == ConfigValueType.OBJECT) {
                flatten(key + ".", (ConfigObject) value);
            } else if (value.valueType() == ConfigValueType.LIST) {
                problems.add(
                        "%s: %s is a list; it takes one value".formatted(place(value.origin()), Printable.of(key)));
            } else {
                assignments.put(key, new Assignment(text(value), place(value.origin())));
            }
        });
    }

    private static String text(ConfigValue value) {
        if (value.valueType() == ConfigValueType.NULL) {
            return "";
        }
        return value.unwrapped().toString();
    }

    private static String place(ConfigOrigin origin) {
        String file = Optional.ofNullable(origin.filename()).orElseGet(origin::description);
        return origin.lineNumber() > 0 ? file + ":" + origin.lineNumber() : file;
    }

    private void override(String override) {
        int equals = override.indexOf('=');
        if (equals < 1) {
            throw new WrongUse("%s: \"%s\" is not key=value".formatted(COMMAND_LINE, Printable.of(override)));
        }
        assignments.put(
                override.substring(0, equals).strip(),
                new Assignment(override.substring(equals + 1).strip(), COMMAND_LINE));
    }

    private void refuseUnknownKeys() {
        List<String> known = declared.stream().map(SettingKey::key).collect(Collectors.toList());
        assignments.forEach((key, assignment) -> {
            boolean isKnown =
                    declared.stream().anyMatch(d -> d.map() ? key.startsWith(d.key() + ".") : key.equals(d.key()));
            if (!isKnown) {
                problems.add("%s: unknown setting %s%s"
                        .formatted(
                                assignment.where(),
                                Printable.of(key),
                                RunQaFlags.meaning(key)
                                        .map(meaning -> ", an option of run_qa.py: " + meaning)
                                        .or(() -> NearestName.of(key, known)
                                                .map(nearest -> "; did you mean " + nearest + "?"))
                                        .orElse("; docs/user-guide.md lists the settings")));
            }
        });
    }

    private Object record(String section, Class<?> type) {
        RecordComponent[] components = type.getRecordComponents();
        Object[] values = new Object[components.length];
        for (int i = 0; i < components.length; i++) {
            values[i] = components[i].getType().isRecord()
                    ? record(SettingKey.key(section, components[i]) + ".", components[i].getType())
                    : value(SettingKey.of(section, components[i]));
        }
        // A refused value is null, so there is no record if there are problems.
        return problems.isEmpty() ? construct(type, components, values) : null;
    }

    private static Object construct(Class<?> type, RecordComponent[] components, Object[] values) {
        try {
            Class<?>[] signature =
                    Arrays.stream(components).map(RecordComponent::getType).toArray(Class<?>[]::new);
            Constructor<?> constructor = type.getDeclaredConstructor(signature);
            return constructor.newInstance(values);
        } catch (ReflectiveOperationException e) {
            throw new IllegalStateException("Can't construct " + type, e);
        }
    }

    private Object value(SettingKey key) {
        if (key.map()) {
            return namedValues(key);
        }
        Assignment assignment = assignments.getOrDefault(key.key(), new Assignment("", ""));
        String text = assignment.value().isEmpty() ? key.declaration().otherwise() : assignment.value();
        if (text.isEmpty() && key.optional()) {
            return Optional.empty();
        }
        Optional<Object> value = key.parse(text);
        if (value.isEmpty()) {
            problems.add("%s: %s = %s; it takes %s"
                    .formatted(
                            assignment.where(), key.key(), ConfigUtil.quoteString(Printable.of(text)), key.allowed()));
        }
        return key.optional() ? value : value.orElse(null);
    }

    private Map<String, String> namedValues(SettingKey key) {
        String section = key.key() + ".";
        Map<String, String> values = new LinkedHashMap<>();
        assignments.forEach((full, assignment) -> {
            if (full.startsWith(section) && !assignment.value().isEmpty()) {
                String name = full.substring(section.length());
                if (!name.matches(key.declaration().names())) {
                    problems.add("%s: %s: the name \"%s\" must match %s"
                            .formatted(
                                    assignment.where(),
                                    Printable.of(full),
                                    Printable.of(name),
                                    key.declaration().names()));
                }
                values.put(name, assignment.value());
            }
        });
        return values;
    }
}
