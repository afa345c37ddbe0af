package io.sparkqa.files;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class StagingTest {
    @TempDir
    Path folder;

    @Test
    void aPublishedFolderReplacesAFolder() throws IOException {
        Path place = Files.createDirectories(folder.resolve("model/old")).getParent();
        Files.createDirectories(Staging.of(place).resolve("new"));
        Staging.publish(Staging.of(place), place);
        assertThat(folder).isDirectoryRecursivelyContaining("glob:**/model/new");
        assertThat(place.resolve("old")).doesNotExist();
        assertThat(Staging.of(place)).doesNotExist();
    }

    @Test
    void aPublishedFolderReplacesALinkButNotItsTarget() throws IOException {
        Path target = Files.createDirectories(folder.resolve("elsewhere/kept"));
        Path place = Files.createSymbolicLink(folder.resolve("model"), target.getParent());
        Files.createDirectories(Staging.of(place));
        Staging.publish(Staging.of(place), place);
        assertThat(place).isDirectory().isEmptyDirectory();
        assertThat(target).isDirectory();
    }

    @Test
    void aFileIsReplacedEntirely() throws IOException {
        Path file = folder.resolve("log");
        Staging.write(file, "long ago");
        Staging.write(file, "now");
        assertThat(file).hasContent("now");
        assertThat(folder).isDirectoryNotContaining(Staging::isStaging);
    }

    @Test
    void deletingATreeLeavesWhatItsLinksPointTo() throws IOException {
        Path target = Files.createDirectories(folder.resolve("elsewhere"));
        Path file = Files.writeString(target.resolve("file"), "kept");
        Path tree = Files.createDirectories(folder.resolve("tree/inner")).getParent();
        Files.createSymbolicLink(tree.resolve("inner/folder"), target);
        Files.createSymbolicLink(tree.resolve("file"), file);
        Files.createSymbolicLink(tree.resolve("dangling"), folder.resolve("nowhere"));
        Trees.delete(tree);
        Trees.delete(tree); // a missing folder is no error
        assertThat(tree).doesNotExist();
        assertThat(file).hasContent("kept");
    }
}
