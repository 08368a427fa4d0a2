/// The networks of the side-by-side runs, written as a user would.
package adjoint.bench.model;
