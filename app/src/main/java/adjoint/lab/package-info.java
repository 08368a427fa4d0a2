/// What introductions to backpropagation claim, as experiments that anyone can repeat: `adjoint lab NAME`.
///
/// Read [adjoint.lab.Experiment] first, then [adjoint.lab.ChainRule], which is the smallest; [adjoint.lab.Page] makes the page.
///
/// ```java
/// Findings findings = new ChainRule().run(setting);
/// findings.tables().forEach(table -> System.out.println(table.text()));
/// ```
package adjoint.lab;
