package adjoint.tensor;

import adjoint.kernel.DType;

/// What is known of a tensor before anything is computed: its shape and the type of its elements.
public record Spec(Shape shape, DType type) {
    @Override
    public String toString() {
        return type + " " + shape;
    }
}
