package adjoint.grad;

import adjoint.tensor.Formula;
import adjoint.tensor.Parameter;
import adjoint.tensor.Tensor;

import java.util.ArrayDeque;
import java.util.Collection;
import java.util.HashSet;
import java.util.Set;

/// Why no gradient arrives, in words.
final class Unreached {
    private Unreached() {}

    static String explain(Tensor y, Tensor x) {
        String what = x.parameter() == null ? "a tensor of " + x.spec() : "a parameter of " + x.spec();
        if (!x.type().isFloating()) {
            return "there is no gradient with respect to " + what + ": only floating tensors have one";
        }
        if (y.isLetGo() && y != x) {
            return "the graph of this "
                    + y.spec()
                    + " was let go when a step computed it: "
                    + "record it anew for each step, or ask for gradients before the parameters are updated";
        }
        Set<String> cuts = new HashSet<>();
        if (reaches(y, x, cuts)) {
            return "no gradient reaches "
                    + what
                    + ": every path from it to the result is cut, at "
                    + String.join(", ", cuts);
        }
        return "the result does not depend on "
                + what
                + (x.parameter() == null ? "" : " as it is now (was the result recorded before an update of it?)");
    }

    /// Whether the tensor was recorded from values of these parameters that were replaced since.
    static boolean isStale(Tensor y, Collection<Parameter> parameters) {
        var seen = new HashSet<Tensor>();
        var stack = new ArrayDeque<Tensor>();
        stack.push(y);
        seen.add(y);
        while (!stack.isEmpty()) {
            Tensor node = stack.pop();
            Parameter p = node.parameter();
            if (p != null && node.version() != p.version() && parameters.contains(p)) {
                return true;
            }
            for (Tensor input : node.inputs()) {
                if (seen.add(input)) {
                    stack.push(input);
                }
            }
        }
        return false;
    }

    private static boolean reaches(Tensor y, Tensor x, Set<String> cuts) {
        var seen = new HashSet<Tensor>();
        var stack = new ArrayDeque<Tensor>();
        stack.push(y);
        boolean found = false;
        while (!stack.isEmpty()) {
            Tensor node = stack.pop();
            found |= node == x;
            if (node.op() instanceof Formula.Result result) {
                stack.push(result.compose(node.inputs())); // whatever it is cut at lies inside
                continue;
            }
            for (int i = 0; i < node.inputs().size(); i++) {
                if (!node.op().passesGradient(i) || !node.input(i).type().isFloating()) {
                    cuts.add(node.op().label());
                }
                if (seen.add(node.input(i))) {
                    stack.push(node.input(i));
                }
            }
        }
        return found;
    }
}
