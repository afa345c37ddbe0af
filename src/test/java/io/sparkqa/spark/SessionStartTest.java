package io.sparkqa.spark;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sparkqa.config.UserError;
import java.nio.file.Path;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SessionStartTest {
    private static final Optional<String> NOWHERE = Optional.of("/dev/null/scratch");

    @TempDir
    private Path folder;

    @Test
    void scratchFoldersThatCanNotBeMadeAreNamedWithTheirVariableOrSetting() {
        assertThatThrownBy(() -> SessionStart.requireScratch(NOWHERE, Optional.of(folder.toString())))
                .isInstanceOf(UserError.class)
                .hasMessageStartingWith("/dev/null/scratch: ")
                .hasMessageContaining("set SPARK_LOCAL_DIRS to another folder");
        assertThatThrownBy(() -> SessionStart.requireScratch(Optional.empty(), NOWHERE))
                .isInstanceOf(UserError.class)
                .hasMessageContaining("set spark.local.dir to another folder");
    }

    @Test
    void aScratchFolderThatIsNotThereYetIsMadeAndOneOfSeveralSuffices() {
        Path scratch = folder.resolve("new/scratch");

        SessionStart.requireScratch(Optional.of("/dev/null/scratch, " + scratch), NOWHERE);
        SessionStart.requireScratch(Optional.empty(), Optional.empty());

        assertThat(scratch).isDirectory();
    }
}
