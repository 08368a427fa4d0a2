/// Networks: layers with parameters, first weights, losses.
///
/// A network is a record of layers that says in `forward` how they follow one another. Its parameters are named by its
/// components, `hidden.weight`; whether it trains, its random numbers and its observers come in one argument, the
/// [adjoint.nn.Pass].
///
/// ```java
/// record Mlp(Linear hidden, Linear head) implements Layer {
///     Mlp(Init init) {
///         this(new Linear(784, 128, init), new Linear(128, 10, init));
///     }
///
///     public Tensor forward(Tensor x, Pass pass) {
///         return head.apply(hidden.apply(x.flatten(1), pass).relu(), pass);
///     }
/// }
///
/// Mlp model = new Mlp(Init.seeded(42));
/// IO.println(Summary.of(model, 64, 28, 28));
/// Tensor loss = Loss.crossEntropy(model.apply(images, Pass.training(RandomKey.of(1))), labels);
/// ```
///
/// Read [adjoint.nn.Layer] first, then [adjoint.nn.Pass] and [adjoint.nn.Init]; [adjoint.nn.Linear] is the model of a
/// layer, [adjoint.nn.Sequential] and [adjoint.nn.Residual] put layers together, [adjoint.nn.CrossEntropy] is the model
/// of a loss, and [adjoint.nn.Loss] lists them all.
package adjoint.nn;
