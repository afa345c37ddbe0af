package io.sparkqa.torch;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class NativeScratchTest {
    @TempDir
    private Path temporary;

    @Test
    void librariesUnpackOnceForAllProcessesOfAUser() {
        Path first = NativeScratch.folder(Map.of(), temporary);

        assertThat(first).hasParent(temporary).isDirectory();
        assertThat(NativeScratch.folder(Map.of(), temporary)).isEqualTo(first);
    }

    @Test
    void onlyTheUserMayWriteToTheFolder() throws IOException {
        Path first = NativeScratch.folder(Map.of(), temporary);
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(first)))
                .isEqualTo("rwx------");

        Files.setPosixFilePermissions(first, PosixFilePermissions.fromString("rwxrwx---"));

        assertThat(NativeScratch.folder(Map.of(), temporary))
                .hasParent(temporary)
                .isNotEqualTo(first);
    }

    @Test
    void aLinkInTheFoldersPlaceIsNotFollowed() throws IOException {
        Path name = NativeScratch.folder(Map.of(), temporary);
        Files.delete(name);
        Path elsewhere = Files.createDirectory(
                temporary.resolve("elsewhere"),
                PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
        Files.createSymbolicLink(name, elsewhere);

        assertThat(NativeScratch.folder(Map.of(), temporary)).isNotEqualTo(name).isDirectory();
    }

    @Test
    void theScratchOfASlurmJobComesFirst() {
        assertThat(NativeScratch.folder(Map.of("SLURM_TMPDIR", "/scratch/17"), temporary))
                .isEqualTo(Path.of("/scratch/17/spark-qa"));
    }
}
