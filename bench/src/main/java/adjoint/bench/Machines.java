package adjoint.bench;

import adjoint.kernel.Kernels;
import adjoint.kernel.VectorKernels;
import adjoint.onednn.OneDnnProvider;

/// The machines that benchmarks compare.
final class Machines {
    private Machines() {}

    static Kernels named(String name) {
        return switch (name) {
            case "vector" -> new VectorKernels();
            case "onednn" -> new OneDnnProvider().kernels(new VectorKernels());
            default -> throw new IllegalArgumentException("kernels must be vector or onednn, got " + name);
        };
    }
}
