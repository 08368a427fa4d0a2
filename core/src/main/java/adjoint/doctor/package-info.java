/// The gradient doctor: says what keeps a network from learning, tries the cures, and ranks them.
///
/// ```java
/// var patient = new Patient(model, Loss::crossEntropy, AdamW.rate(1e-3), train.shuffled(42).batched(64));
/// Checkup checkup = Doctor.examine(patient);
/// System.out.println(checkup.describe());
/// List<Cure> cures = Doctor.cures(patient, checkup);
/// ```
package adjoint.doctor;
