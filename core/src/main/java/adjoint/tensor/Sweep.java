package adjoint.tensor;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/// The chain rule within one op's derivative, for ops whose derivative is that of a composition. Whole programs are
/// differentiated by [adjoint.grad.Gradients]; this sweep ends at the op's inputs, and nothing in it may broadcast.
final class Sweep {
    private Sweep() {}

    /// The cotangents of the targets, zeros where none arrives.
    ///
    /// @param roots where it starts, with their cotangents `given`; a root may depend on another
    /// @param ends tensors whose own inputs are none of its business
    static List<Tensor> cotangents(List<Tensor> roots, List<Tensor> given, List<Tensor> targets, List<Tensor> ends) {
        Set<Tensor> asked = new HashSet<>(targets);
        List<Tensor> order = new ArrayList<>();
        Set<Tensor> needed = new HashSet<>();
        Set<Tensor> seen = new HashSet<>();
        Map<Tensor, Tensor> cotangents = new HashMap<>();
        for (int i = 0; i < roots.size(); i++) {
            visit(roots.get(i), asked, new HashSet<>(ends), seen, needed, order);
            cotangents.merge(roots.get(i), given.get(i), Pad::sum);
        }
        for (Tensor node : order.reversed()) {
            Tensor g = cotangents.get(node);
            if (g == null || ends.contains(node)) {
                continue;
            }
            for (int i = 0; i < node.inputs().size(); i++) {
                Tensor input = node.input(i);
                Tensor part = needed.contains(input) && node.op().passesGradient(i) ? node.op().vjp(node, i, g) : null;
                if (part != null) {
                    if (!part.shape().equals(input.shape())) {
                        throw new AssertionError(node.op() + " broadcasts " + input.shape());
                    }
                    cotangents.merge(input, part, Pad::sum);
                }
            }
        }
        return targets.stream().map(t -> cotangents.containsKey(t) ? cotangents.get(t) : t.zerosLike()).toList();
    }

    // Lists what leads from the asked-for tensors to the root, inputs before outputs. Stacks, since sequences may be
    // long.
    private static void visit(
            Tensor root,
            Set<Tensor> asked,
            Set<Tensor> ends,
            Set<Tensor> seen,
            Set<Tensor> needed,
            List<Tensor> order) {
        if (!seen.add(root)) {
            return;
        }
        var stack = new ArrayDeque<Tensor>();
        var next = new ArrayDeque<int[]>();
        stack.push(root);
        next.push(new int[1]);
        while (!stack.isEmpty()) {
            Tensor node = stack.peek();
            List<Tensor> inputs = ends.contains(node) ? List.of() : node.inputs();
            int i = next.peek()[0]++;
            if (i < inputs.size()) {
                Tensor input = inputs.get(i);
                if (input.type().isFloating() && node.op().passesGradient(i) && seen.add(input)) {
                    stack.push(input);
                    next.push(new int[1]);
                }
                continue;
            }
            stack.pop();
            next.pop();
            boolean leads = asked.contains(node);
            for (int k = 0; k < inputs.size() && !leads; k++) {
                leads = needed.contains(inputs.get(k)) && node.op().passesGradient(k);
            }
            if (leads) {
                needed.add(node);
                order.add(node);
            }
        }
    }
}
