/// Native kernels on [oneDNN](https://github.com/uxlfoundation/oneDNN), called through the Foreign Function & Memory API.
///
/// Nobody names this package: it is on the class path, and [adjoint.kernel.MachineKernels] finds [OneDnnProvider].
///
/// ```java
/// Kernels kernels = new OneDnnProvider().kernels(new VectorKernels());
/// Kernel kernel = kernels.prepare(new Step.Product(left, right, target));
/// ```
///
/// Read on in this order: [OneDnnKernels] (which steps are taken, which handed on), `NativeProduct` and
/// `NativeConvolution` (how a step becomes tasks), `Primitive` (a native computation and its executions), `Dnnl` and
/// `DnnlObjects` (the C functions), `Library` with `LibraryCache` (how the shared library comes from the jar to where it can be loaded).
///
/// Two rules hold everywhere. Each thread of the team runs oneDNN alone: tasks are cut by shape, so the bits do not depend
/// on the number of threads, and OpenMP's workers never wake. And no address goes to native code before Java has checked
/// that what is read or written there lies inside its segment.
///
/// System properties: `adjoint.onednn.library` is the path of a `libdnnl` to load instead of the packaged one;
/// `adjoint.onednn.cache` is the folder into which the packaged one is unpacked. On the module path, native access is
/// granted by `--enable-native-access=adjoint.onednn`.
package adjoint.onednn;
