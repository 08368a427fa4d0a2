/// Files: weights in the safetensors format, arrays in NumPy's.
///
/// Whatever is written replaces the old file as a whole or not at all; whatever is read is checked before it is
/// believed.
///
/// ```java
/// Path file = Files.createTempDirectory("adjoint").resolve("weights.safetensors");
/// Map<String, Parameter> parameters = Map.of("w", Parameter.of(Tensor.ones(2, 3)));
/// SafeTensors.writeParameters(file, parameters, Map.of("epoch", "3"));
/// SafeTensors saved = SafeTensors.read(file);
/// System.out.println(saved.specs() + ", written after epoch " + saved.metadata().get("epoch"));
/// System.out.println(saved.load(parameters)); // 1 tensors fit
/// ```
///
/// Read [adjoint.io.SafeTensors] first; [adjoint.io.WeightsReport] says how a file and a model differ. [adjoint.io.Npy]
/// is for exchange with Python, [adjoint.io.AtomicFile] for files of your own.
package adjoint.io;
