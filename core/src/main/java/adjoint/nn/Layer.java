package adjoint.nn;

import adjoint.tensor.Parameter;
import adjoint.tensor.Tensor;

import java.util.SequencedMap;

/// A part of a network: a function of a tensor, with parameters. A network is a layer made of layers.
///
/// Write a record whose components are the layers and parameters, implement [#forward], and call [#apply] on the parts:
///
/// ```java
/// record Mlp(Linear hidden, Linear head) implements Layer {
///     public Tensor forward(Tensor x, Pass pass) {
///         return head.apply(hidden.apply(x.flatten(1), pass).relu(), pass);
///     }
/// }
/// ```
/// A parameter's name is the path of components to it: `hidden.weight`.
@FunctionalInterface
public interface Layer {

    /// What the layer computes. Implement this; call [#apply].
    Tensor forward(Tensor x, Pass pass);

    /// Runs the layer inside a pass: as [#forward], with the layer's path in error messages, and its output shown to
    /// the pass's observers.
    default Tensor apply(Tensor x, Pass pass) {
        return pass.into(this).run(x);
    }

    /// All parameters and states by name, in the order of the components; shared ones once, under their first name.
    ///
    /// Found are components (of records) and fields (of other classes) that are parameters, layers, records that hold
    /// such, and lists, arrays, maps and optionals of those, whose positions or keys become part of the name:
    /// `layers.0.weight`.
    ///
    /// @throws adjoint.tensor.AdjointException if the module that the layer's class lies in forbids reading its
    ///     components
    default SequencedMap<String, Parameter> parameters() {
        return Components.parameters(this);
    }

    /// All layers inside, by name, each under every name that leads to it: what [#parameters()] does for parameters.
    ///
    /// @throws adjoint.tensor.AdjointException if the module that the layer's class lies in forbids reading its
    ///     components
    default SequencedMap<String, Layer> sublayers() {
        return Components.layers(this);
    }

    /// How many numbers gradients train: the sizes of all trainable parameters added up.
    default long parameterCount() {
        return parameters().values().stream().filter(Parameter::trainable).mapToLong(p -> p.shape().size()).sum();
    }
}
