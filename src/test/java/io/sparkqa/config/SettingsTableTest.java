package io.sparkqa.config;

import static org.assertj.core.api.Assertions.assertThat;

import io.sparkqa.GeneratedTable;
import io.sparkqa.Pages;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The settings that the pages name are the declared ones. */
class SettingsTableTest {
    private static final Pattern KEY = Pattern.compile(
            "(?<![\\w./-])(?:run|data|model|hub|features|train|decode|evaluate|report)\\.[a-z0-9_.]*[a-z0-9_](?![\\w*]|\\.\\*)");
    private static final Pattern FILE = Pattern.compile(".*\\.(json|jsonl|sh|sbatch|safetensors|conf|html)");

    /** {@code mvn test -Dtest=SettingsTableTest -Dsparkqa.docs=write} writes the table into the page instead. */
    @Test
    void theGuidesTableIsGeneratedFromTheDeclaration() {
        new GeneratedTable("docs/user-guide.md", "settings").holds(SettingsTable.markdown());
    }

    @Test
    void everySettingIsExplained() {
        assertThat(SettingKey.all())
                .allSatisfy(key -> assertThat(key.declaration().value()).isNotBlank());
    }

    @Test
    void everySettingThatAPageNamesIsDeclared() {
        List<String> unknown = new ArrayList<>();
        for (Path page : Pages.all()) {
            Stream.concat(
                            Pages.codeSpans(page).stream(),
                            Pages.fences().stream()
                                    .filter(fence -> fence.page().equals(page)
                                            && fence.language().equals("sh"))
                                    .flatMap(fence -> fence.commands().stream()))
                    .flatMap(code -> KEY.matcher(code).results().map(MatchResult::group))
                    .filter(key -> !FILE.matcher(key).matches() && !isDeclared(key))
                    .forEach(key -> unknown.add(page + ": " + key));
        }
        assertThat(unknown).isEmpty();
    }

    private static boolean isDeclared(String key) {
        return SettingKey.all().stream()
                .anyMatch(declared ->
                        key.equals(declared.key()) || (declared.map() && key.startsWith(declared.key() + ".")));
    }

    @Test
    void everyConfigurationFileInAPageCanBeRead(@TempDir Path folder) throws IOException {
        for (Pages.Fence fence : Pages.fences()) {
            if (fence.language().equals("hocon")) {
                Path file = Files.writeString(folder.resolve("page.conf"), fence.text());
                assertThat(ExperimentReader.read(file, List.of()).data().splits())
                        .as(fence.page() + ": " + fence.text())
                        .isNotEmpty();
            }
        }
    }
}
