/// Adjoint beside other systems on the same work. Read [Workload] (what is done), [Inputs] and [Weights] (with which
/// numbers), [Contender] and [Server] (a system in a process of its own), then [SideBySide] (the runner).
package adjoint.bench.sidebyside;
