package adjoint.nn;

/// A layer that brings its inputs to a size of its own, whatever theirs is: a scale of the layer before it changes nothing.
public interface Norm extends Layer {}
