package adjoint.tensor;

import adjoint.kernel.Buffer;
import adjoint.kernel.DType;

import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.ReentrantReadWriteLock;

/// Numbers that training changes: a layer's weights, or the state of an optimizer. Held off-heap and updated in place.
///
/// [#value()] is the tensor to compute with. A tensor recorded from it before an update and read after it is refused, never
/// silently computed from the new numbers.
///
/// Several threads may use one parameter: a step that reads it and a step that updates it exclude each other.
public final class Parameter {
    private static final AtomicLong MADE = new AtomicLong(); // an order for locks; no result depends on it

    private final Spec spec;
    private final Buffer buffer;
    private final boolean trainable;
    private final Parameter origin; // whose numbers these are: its own, unless it was made by frozen()
    private final ReentrantReadWriteLock lock = new ReentrantReadWriteLock();
    private final long order = MADE.getAndIncrement();
    private volatile Tensor value;
    private volatile long version;
    private Parameter frozen; // made once, so that it is one object however often it is asked for

    private Parameter(Spec spec, boolean trainable) {
        this.spec = spec;
        this.buffer = Buffer.offHeap(spec.type(), spec.shape().size());
        this.trainable = trainable;
        this.origin = this;
        this.value = Tensor.read(this);
    }

    private Parameter(Parameter origin) {
        this.spec = origin.spec;
        this.buffer = origin.buffer;
        this.trainable = false;
        this.origin = origin;
    }

    /// A trainable parameter that starts with the tensor's values.
    public static Parameter of(Tensor initial) {
        return of(initial, true);
    }

    /// Numbers that are kept and saved but not trained by gradients: running statistics, an optimizer's moments.
    public static Parameter state(Tensor initial) {
        return of(initial, false);
    }

    private static Parameter of(Tensor initial, boolean trainable) {
        var parameter = new Parameter(initial.spec(), trainable);
        parameter.set(initial);
        return parameter;
    }

    /// The same numbers in the same memory, as what gradients do not train: the weights of a finished network in one that is
    /// fine-tuned. What is written to one of the two is written to both. Itself, if it is not trainable.
    public Parameter frozen() {
        if (!trainable) {
            return this;
        }
        synchronized (lock) {
            frozen = frozen == null ? new Parameter(this) : frozen;
            return frozen;
        }
    }

    /// True of one made by [#frozen()].
    public boolean isFrozen() {
        return origin != this;
    }

    /// The one that computations read and write.
    Parameter origin() {
        return origin;
    }

    /// The tensor of the present values.
    public Tensor value() {
        return origin.value;
    }

    /// Replaces the values.
    ///
    /// @throws ShapeException if shape or type differ
    public void set(Tensor values) {
        Evaluator.standard().update(List.of(), List.of(new Evaluator.Update(this, values)));
    }

    /// True if gradients train it.
    public boolean trainable() {
        return trainable;
    }

    /// Shape and element type.
    public Spec spec() {
        return spec;
    }

    /// The shape.
    public Shape shape() {
        return spec.shape();
    }

    /// The element type.
    public DType type() {
        return spec.type();
    }

    /// How often it was updated.
    public long version() {
        return origin.version;
    }

    /// The memory that holds it, for those who move it about (files, other machines) while no step runs. After writing, call
    /// [#changed()].
    public Buffer buffer() {
        return buffer;
    }

    /// Says that the memory was written: what was recorded from the earlier values can no longer be computed.
    public void changed() {
        if (origin != this) {
            origin.changed();
            return;
        }
        lock.writeLock().lock();
        try {
            version++;
            value = Tensor.read(this);
        } finally {
            lock.writeLock().unlock();
        }
    }

    // The values as they are, if they are still of that version.
    Buffer copy(long wanted) {
        lock.readLock().lock();
        try {
            return version == wanted ? buffer.copy() : null;
        } finally {
            lock.readLock().unlock();
        }
    }

    ReentrantReadWriteLock lock() {
        return lock;
    }

    long order() {
        return order;
    }

    @Override
    public String toString() {
        return (trainable ? "parameter " : origin == this ? "state " : "frozen parameter ") + spec;
    }
}
