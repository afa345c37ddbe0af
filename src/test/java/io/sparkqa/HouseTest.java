package io.sparkqa;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.Architectures.layeredArchitecture;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;

/** The house that README.md draws: a package imports only from the floors below its own. */
@AnalyzeClasses(packages = "io.sparkqa", importOptions = ImportOption.DoNotIncludeTests.class)
class HouseTest {
    @ArchTest
    static final ArchRule aPackageImportsOnlyFromTheFloorsBelow = layeredArchitecture()
            .consideringOnlyDependenciesInLayers()
            .withOptionalLayers(true)
            .layer("job")
            .definedBy("io.sparkqa.job..")
            .layer("bench")
            .definedBy("io.sparkqa.bench..")
            .layer("train")
            .definedBy("io.sparkqa.train..")
            .layer("report")
            .definedBy("io.sparkqa.report..")
            .layer("decode")
            .definedBy("io.sparkqa.decode..")
            .layer("middle")
            .definedBy("io.sparkqa.model..", "io.sparkqa.window..", "io.sparkqa.evaluate..", "io.sparkqa.demo..")
            .layer("ground")
            .definedBy(
                    "io.sparkqa.torch..",
                    "io.sparkqa.arrow..",
                    "io.sparkqa.squad..",
                    "io.sparkqa.hub..",
                    "io.sparkqa.config..",
                    "io.sparkqa.progress..")
            .whereLayer("job")
            .mayNotBeAccessedByAnyLayer()
            .whereLayer("bench")
            .mayOnlyBeAccessedByLayers("job")
            .whereLayer("train")
            .mayOnlyBeAccessedByLayers("job", "bench")
            .whereLayer("report")
            .mayOnlyBeAccessedByLayers("job", "bench", "train")
            .whereLayer("decode")
            .mayOnlyBeAccessedByLayers("job", "bench", "train", "report")
            .whereLayer("middle")
            .mayOnlyBeAccessedByLayers("job", "bench", "train", "report", "decode")
            .whereLayer("ground")
            .mayOnlyBeAccessedByLayers("job", "bench", "train", "report", "decode", "middle");

    @ArchTest
    static final ArchRule packagesHaveNoCycles =
            slices().matching("io.sparkqa.(*)..").should().beFreeOfCycles();

    @ArchTest
    static final ArchRule theNetworkAndItsTrainingRunWithoutSpark = noClasses()
            .that()
            .resideInAnyPackage(
                    "io.sparkqa.train..",
                    "io.sparkqa.model..",
                    "io.sparkqa.torch..",
                    "io.sparkqa.evaluate..",
                    "io.sparkqa.hub..",
                    "io.sparkqa.config..",
                    "io.sparkqa.progress..")
            .or()
            .haveFullyQualifiedName("io.sparkqa.decode.SpanDecoder")
            .or()
            .haveFullyQualifiedName("io.sparkqa.decode.LogitsRunner")
            .or()
            .haveFullyQualifiedName("io.sparkqa.arrow.MappedArrowFile")
            .should()
            .dependOnClassesThat()
            .resideInAPackage("org.apache.spark..")
            .allowEmptyShould(true);
}
