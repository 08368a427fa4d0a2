/// Adjoint's native kernels: matrix products and convolutions on oneDNN.
module adjoint.onednn {
    requires transitive adjoint.core;

    exports adjoint.onednn;

    // META-INF/services says the same to programs that have Adjoint on the class path.
    provides adjoint.kernel.KernelsProvider with
            adjoint.onednn.OneDnnProvider;
}
