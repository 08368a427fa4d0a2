package adjoint.house;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;

import static org.assertj.core.api.Assertions.assertThat;

import static java.util.Map.entry;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;

import org.junit.jupiter.api.Test;

import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/// Who may import whom: the table of ARCHITECTURE.md, as a test.
class ArchitectureTest {
    private static final Map<String, Set<String>> MAY_IMPORT =
            Map.ofEntries(
                    entry("kernel", Set.of()),
                    entry("tensor", Set.of("kernel")),
                    entry("grad", Set.of("tensor", "kernel")),
                    entry("plan", Set.of("tensor", "kernel")),
                    entry("nn", Set.of("tensor", "kernel")),
                    entry("optim", Set.of("tensor", "grad", "kernel")),
                    entry("data", Set.of("tensor", "kernel")),
                    entry("io", Set.of("tensor", "kernel")),
                    entry("text", Set.of("tensor", "kernel", "nn", "data", "io")),
                    entry("train", Set.of("kernel", "tensor", "grad", "plan", "nn", "optim", "data", "io")),
                    entry("doctor", Set.of("kernel", "tensor", "grad", "nn", "optim", "data", "train")));

    private static final Set<String> KERNEL_TYPES_OF_TENSOR =
            Set.of(
                    "DType",
                    "Buffer",
                    "Opcode",
                    "BlockProgram$Kind",
                    "Recurrence$Cell",
                    "Step$Distribution",
                    "Step$Convolution$Operand",
                    "Step$Pool$Form",
                    "Step$Function",
                    "Values",
                    "Philox");

    private final JavaClasses classes =
            new ClassFileImporter().withImportOption(new ImportOption.DoNotIncludeTests()).importPackages("adjoint");

    private static String room(JavaClass c) {
        String[] parts = c.getPackageName().split("\\.");
        return parts.length > 1 && parts[0].equals("adjoint") ? parts[1] : "";
    }

    @Test
    void importsFollowTheTable() {
        Map<String, Set<String>> breaches = new HashMap<>();
        for (JavaClass c : classes) {
            Set<String> allowed = MAY_IMPORT.get(room(c));
            assertThat(allowed).as("a row for the package of %s", c.getName()).isNotNull();
            for (var dependency : c.getDirectDependenciesFromSelf()) {
                String to = room(dependency.getTargetClass());
                if (!to.isEmpty() && !to.equals(room(c)) && !allowed.contains(to)) {
                    breaches.computeIfAbsent(c.getName(), k -> new TreeSet<>()).add(to);
                }
            }
        }
        assertThat(breaches).isEmpty();
    }

    @Test
    void tensorKnowsOnlyTheKernelsDataTypes() {
        Set<String> used = new TreeSet<>();
        for (JavaClass c : classes) {
            if (room(c).equals("tensor")) {
                for (var dependency : c.getDirectDependenciesFromSelf()) {
                    JavaClass target = dependency.getTargetClass().getBaseComponentType();
                    if (room(target).equals("kernel")) {
                        used.add(target.getName().substring("adjoint.kernel.".length()));
                    }
                }
            }
        }
        assertThat(KERNEL_TYPES_OF_TENSOR).containsAll(used);
    }

    @Test
    void vectorsStayInTheKernels() {
        noClasses()
                .that()
                .resideOutsideOfPackage("adjoint.kernel")
                .should()
                .dependOnClassesThat()
                .resideInAPackage("jdk.incubator.vector")
                .check(classes);
    }

    @Test
    void theLibraryPrintsNothing() {
        noClasses()
                .should()
                .accessField(System.class, "out")
                .orShould()
                .accessField(System.class, "err")
                .check(classes);
    }
}
