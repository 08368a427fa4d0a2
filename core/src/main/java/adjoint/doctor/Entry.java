package adjoint.doctor;

import adjoint.nn.Layer;
import adjoint.nn.Norm;
import adjoint.nn.Pass;
import adjoint.tensor.Tensor;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Deque;
import java.util.HashSet;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Set;

/// Sees what goes into the layers with weights.
final class Entry implements Pass.Observer {
    private final Set<String> weighted = new HashSet<>(); // the paths of all that own weights
    private final List<Seen> seen = new ArrayList<>();
    private final Deque<Tensor> inside = new ArrayDeque<>();
    private final Set<Tensor> normed = Collections.newSetFromMap(new IdentityHashMap<>());

    private record Seen(String path, Layer layer, Tensor x, Tensor y) {}

    Entry(Layer model) {
        model.parameters()
                .forEach((name, p) -> {
                    if (p.trainable() && p.shape().rank() > 1) {
                        weighted.add(name.substring(0, Math.max(0, name.lastIndexOf('.'))));
                    }
                });
    }

    @Override
    public void input(String path, Layer layer, Tensor input) {
        inside.push(input);
        if (layer instanceof Norm) {
            normed.add(input);
        }
    }

    @Override
    public void output(String path, Layer layer, Tensor output) {
        Tensor input = inside.pop();
        if (weighted.contains(path) && input.type().isFloating()) {
            seen.add(new Seen(path, layer, input, output));
        }
    }

    List<Course.Entered> entered() {
        return seen.stream().map(s -> new Course.Entered(s.path, s.layer, s.x, normed.contains(s.y))).toList();
    }
}
