package io.sparkqa.config;

import java.util.stream.Collectors;

/** The table of all settings in Markdown, generated from their declaration. */
final class SettingsTable {
    private SettingsTable() {}

    static String markdown() {
        return "| key | default | takes | meaning |\n| --- | --- | --- | --- |\n"
                + SettingKey.all().stream().map(SettingsTable::row).collect(Collectors.joining());
    }

    private static String row(SettingKey key) {
        String otherwise = key.declaration().otherwise();
        return "| `%s` | %s | %s | %s |\n"
                .formatted(
                        key.map() ? key.key() + ".*" : key.key(),
                        otherwise.isEmpty() ? "" : "`" + otherwise + "`",
                        key.allowed(),
                        key.declaration().value().replace("|", "\\|"));
    }
}
