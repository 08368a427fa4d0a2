package adjoint.kernel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

import java.util.List;
import java.util.ServiceConfigurationError;

class MachineKernelsTest {
    private record Provider(String name, int priority, String refusal) implements KernelsProvider {
        @Override
        public Kernels kernels(Kernels others) {
            if (refusal != null) {
                throw new UnavailableKernelsException(refusal);
            }
            return new Kernels() {
                @Override
                public Kernel prepare(Step step) {
                    return others.prepare(step);
                }

                @Override
                public String description() {
                    return name + " and " + others.description();
                }
            };
        }
    }

    private static final Provider SLOW = new Provider("slow", 1, null);
    private static final Provider FAST = new Provider("fast", 2, null);
    private static final Provider BROKEN = new Provider("broken", 3, "its library is missing: install it");

    @Test
    void theHighestPriorityWins() {
        var choice = MachineKernels.choose(null, List.of(SLOW, FAST));
        assertThat(choice.kernels().description()).startsWith("fast and vector");
        assertThat(choice.remarks()).isEmpty();
    }

    @Test
    void aProviderThatCannotRunIsPassedOverAndSaysWhy() {
        var choice = MachineKernels.choose(null, List.of(SLOW, BROKEN));
        assertThat(choice.kernels().description()).startsWith("slow");
        assertThat(choice.remarks())
                .containsExactly(
                        "The broken kernels cannot be used, so that products and convolutions may be several times"
                                + " slower: its library is missing: install it");
    }

    @Test
    void withoutProvidersTheVectorKernelsRunAndTheRemedyIsNamed() {
        var choice = MachineKernels.choose(null, List.of());
        assertThat(choice.kernels()).isInstanceOf(VectorKernels.class);
        assertThat(choice.remarks()).singleElement().asString().contains("adjoint-onednn");
    }

    @Test
    void theNameForces() {
        assertThat(MachineKernels.choose("slow", List.of(SLOW, FAST)).kernels().description()).startsWith("slow");
        assertThat(MachineKernels.choose("vector", List.of(FAST)).kernels()).isInstanceOf(VectorKernels.class);
        assertThat(MachineKernels.choose("scalar", List.of(FAST)).kernels()).isInstanceOf(ScalarKernels.class);
        assertThat(MachineKernels.choose("reference", List.of()).kernels()).isInstanceOf(ReferenceKernels.class);
        assertThatThrownBy(() -> MachineKernels.choose("broken", List.of(FAST, BROKEN)))
                .isInstanceOf(UnavailableKernelsException.class)
                .hasMessageContaining("install it");
        assertThatThrownBy(() -> MachineKernels.choose("abacus", List.of(FAST)))
                .isInstanceOf(UnavailableKernelsException.class)
                .hasMessage("adjoint.kernels must be fast, vector, scalar or reference, got 'abacus'");
    }

    @Test
    void whatIsForcedOffIsToldWithItsCost() {
        assertThat(MachineKernels.choose("vector", List.of(FAST)).remarks())
                .singleElement()
                .asString()
                .contains("as adjoint.kernels asks", "twice as long");
        assertThat(MachineKernels.choose("reference", List.of(FAST)).remarks()).hasSize(1);
        assertThat(MachineKernels.choose("fast", List.of(FAST)).remarks()).isEmpty();
    }

    @Test
    void aBrokenServiceFileIsNoReasonToStop() {
        Iterable<KernelsProvider> broken =
                () -> {
                    throw new ServiceConfigurationError("no such class");
                };
        var choice = MachineKernels.choose(null, broken);
        assertThat(choice.kernels()).isInstanceOf(VectorKernels.class);
        assertThat(choice.remarks()).first().asString().contains("no such class");
    }
}
