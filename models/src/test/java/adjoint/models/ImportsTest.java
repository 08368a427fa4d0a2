package adjoint.models;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;

import org.junit.jupiter.api.Test;

/// The line of ARCHITECTURE.md: models are made of layers and tensors, read weights and write text, and print nothing.
class ImportsTest {
    private final JavaClasses classes =
            new ClassFileImporter()
                    .withImportOption(new ImportOption.DoNotIncludeTests())
                    .importPackages("adjoint.models", "adjoint.games");

    @Test
    void onlyTheKernelPackageAndTheJdk() {
        classes()
                .should()
                .onlyDependOnClassesThat()
                .resideInAnyPackage("adjoint.models", "adjoint.games", "adjoint.tensor", "adjoint.nn", "adjoint.optim", "adjoint.data", "adjoint.io", "adjoint.text", "adjoint.kernel", "java..")
                .check(classes);
    }

    @Test
    void printsNothing() {
        noClasses()
                .should()
                .accessField(System.class, "out")
                .orShould()
                .accessField(System.class, "err")
                .check(classes);
    }
}
