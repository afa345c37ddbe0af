package io.sparkqa;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.assertj.core.api.Assertions;
import org.junit.jupiter.api.Test;

/** The house that docs/architecture.md draws: a package imports only from the floors below its own. */
@AnalyzeClasses(packages = "io.sparkqa", importOptions = ImportOption.DoNotIncludeTests.class)
class HouseTest {
    /** The floors from top to bottom; packages of one floor do not import each other. */
    static final List<Set<String>> FLOORS = List.of(
            Set.of("job", "demo"),
            Set.of("bench", "run", "ask", "report"),
            Set.of("spark"),
            Set.of("train", "djl"),
            Set.of("decode"),
            Set.of("model", "window", "evaluate"),
            Set.of("torch", "arrow", "squad", "hub"),
            Set.of("source"),
            Set.of("files", "progress", "config"));

    @ArchTest
    static void aPackageImportsOnlyFromTheFloorsBelow(JavaClasses classes) {
        Set<String> notBelow = new TreeSet<>();
        for (Set<String> floor : FLOORS) {
            notBelow.addAll(floor);
            for (String name : floor) {
                noClasses()
                        .that()
                        .resideInAPackage(packages(name))
                        .should()
                        .dependOnClassesThat()
                        .resideInAnyPackage(notBelow.stream()
                                .filter(other -> !other.equals(name))
                                .map(HouseTest::packages)
                                .toArray(String[]::new))
                        .allowEmptyShould(true)
                        .check(classes);
            }
        }
    }

    @ArchTest
    static void everyPackageHasItsFloor(JavaClasses classes) {
        Stream<String> found = classes.stream()
                .map(type -> type.getPackageName().replace("io.sparkqa", ""))
                .filter(name -> !name.isEmpty())
                .map(name -> name.substring(1));
        Assertions.assertThat(FLOORS.stream().flatMap(Set::stream)).containsAll(found.toList());
    }

    @ArchTest
    static final ArchRule packagesHaveNoCycles =
            slices().matching("io.sparkqa.(*)..").should().beFreeOfCycles();

    @ArchTest
    static final ArchRule sparkIsKnownToFivePackagesAlone = noClasses()
            .that()
            .resideOutsideOfPackages(
                    packages("job"), packages("run"), packages("spark"), packages("arrow"), packages("bench"))
            .should()
            .dependOnClassesThat()
            .resideInAPackage("org.apache.spark..");

    /** {@code formatted} is for messages, since stages run in English. Names on disk are formatted in the root locale. */
    @ArchTest
    static final ArchRule noTextDependsOnTheLocaleUnseen = noClasses()
            .should()
            .callMethod(String.class, "format", String.class, Object[].class)
            .orShould()
            .callMethod(String.class, "toLowerCase")
            .orShould()
            .callMethod(String.class, "toUpperCase");

    /** Users of the jar may have any locale; the stages set English. */
    @Test
    void numbersInMessagesDoNotDependOnTheLocale() throws IOException {
        String text = "\"(?:[^\"\\\\\n]|\\\\.)*\"";
        Pattern formatted = Pattern.compile("((?:%s\\s*\\+?\\s*)+)\\)?\\s*\\.formatted\\(".formatted(text));
        Pattern number = Pattern.compile("%[-,0-9.+]*[defg]");
        List<String> found = new ArrayList<>();
        for (String name : List.of(
                "arrow",
                "config",
                "decode",
                "djl",
                "evaluate",
                "files",
                "hub",
                "model",
                "source",
                "spark",
                "squad",
                "torch",
                "train",
                "window")) {
            try (Stream<Path> files = Files.walk(Path.of("src/main/java/io/sparkqa", name))) {
                for (Path file : files.filter(Files::isRegularFile).toList()) {
                    formatted
                            .matcher(Files.readString(file))
                            .results()
                            .map(match -> match.group(1))
                            .filter(message -> number.matcher(message).find())
                            .forEach(message -> found.add(file.getFileName() + ": " + message));
                }
            }
        }
        Assertions.assertThat(found)
                .as("use %%s, or String.format with Locale.ROOT")
                .isEmpty();
    }

    private static String packages(String name) {
        return "io.sparkqa." + name + "..";
    }
}
