/// What machines compute, and how: the lowest layer, which knows neither tensors nor gradients.
///
/// The language comes first. A [Step] is one instruction of a plan: a [BlockProgram] of fused elementwise operations
/// (each an [Opcode]) with their reductions, a matrix product, a gather and so on. Its operands are [View]s: strided
/// windows of one [DType] on the slots of a [Memory].
///
/// [Kernels] turn a step into a [Kernel], which can then run any number of times on the threads of a [Team]:
///
/// ```java
/// View x = View.dense(1, 0, DType.FLOAT32, 1000);
/// View y = View.dense(2, 0, DType.FLOAT32, 1000);
/// var exp = new BlockProgram.Instruction(Opcode.EXP, 0, 0, 0, 0);
/// var step = new BlockProgram(DType.FLOAT32, new int[] {1000}, List.of(x), List.of(exp),
///         List.of(new BlockProgram.Store(1, y)), List.of(), new boolean[1]);
/// Kernel kernel = MachineKernels.standard().prepare(step);
/// try (var team = new Team(2)) {
///     kernel.run(new Memory(arena, input, output), 0, team);
/// }
/// ```
///
/// Read on in this order: [ReferenceKernels] (what each step means, in plain loops), `BlockKernel` with `BlockSpace`,
/// `BlockRegisters` and `BlockReduction` (how a fused program is cut into tiles that stay in the cache), `BlockLoops`
/// and its two versions (the innermost loops, with and without the Vector API), and [VectorKernels].
/// [MachineKernels] chooses; other modules offer kernels of their own as a [KernelsProvider].
///
/// Two rules hold everywhere: the bits of a result never depend on the number of threads, and random numbers
/// ([Philox]) are functions of seed and position.
package adjoint.kernel;
