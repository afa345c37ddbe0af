package io.sparkqa.config;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

class SettingsTableTest {
    private static final Path README = Path.of("README.md");
    private static final String BEGIN = "<!-- settings: begin -->\n";
    private static final String END = "<!-- settings: end -->\n";

    /** {@code mvn test -Dtest=SettingsTableTest -Dsparkqa.readme=write} writes the table into the README instead. */
    @Test
    void theReadmesTableIsTheOneThatTheDeclarationGives() throws IOException {
        String readme = Files.readString(README);
        int begin = readme.indexOf(BEGIN) + BEGIN.length();
        int end = readme.indexOf(END);
        if ("write".equals(System.getProperty("sparkqa.readme"))) {
            Files.writeString(README, readme.substring(0, begin) + SettingsTable.markdown() + readme.substring(end));
            return;
        }
        assertThat(readme.substring(begin, end)).isEqualTo(SettingsTable.markdown());
    }

    @Test
    void everySettingIsExplained() {
        assertThat(SettingKey.all())
                .allSatisfy(key -> assertThat(key.declaration().value()).isNotBlank());
    }
}
