/// Examples to learn from: [adjoint.data.Dataset] gives them by number, [adjoint.data.Batches] in batches, in an order that depends
/// on the seed and the epoch alone.
///
/// Read [adjoint.data.Dataset] first, then [adjoint.data.ArrayDataset], where most sets end up: [adjoint.data.Mnist],
/// [adjoint.data.FashionMnist] and [adjoint.data.Idx] read files of digits and clothes, [adjoint.data.Cifar10] photographs in
/// colour, [adjoint.data.Digits] draws digits itself, [adjoint.data.CsvTable] reads tables, [adjoint.data.LabelledText]
/// texts to classify (`adjoint.text` makes examples of them).
/// [adjoint.data.Augment] changes pictures at random.
///
/// ```java
/// for (Batch batch : Digits.train(42).shuffled(42).batched(64)) {
///     System.out.println(batch.x().shape() + " " + batch.y().shape());
/// }
/// ```
package adjoint.data;
