package adjoint.plan;

import adjoint.kernel.AttentionBackward;
import adjoint.kernel.AttentionForward;
import adjoint.kernel.AttentionScores;
import adjoint.kernel.Step;
import adjoint.kernel.View;
import adjoint.tensor.Attention;
import adjoint.tensor.AttentionGradient;
import adjoint.tensor.AttentionRule;
import adjoint.tensor.Op;
import adjoint.tensor.Shape;

import java.util.List;
import java.util.function.Predicate;

/// Writes the results of one attention, or of one attention's gradient, as one step.
final class AttentionLowering {
    private AttentionLowering() {}

    static Step step(Unit unit, Predicate<Node> stored) {
        List<Node> in = unit.members.getFirst().inputs;
        View v = in.get(2).layout.view(in.get(2).shape());
        return switch (unit.members.getFirst().op) {
            case Attention a ->
                    new AttentionForward(
                            scores(a.rule(), in, Attention.REST),
                            v,
                            target(unit, stored, new Attention(a.rule(), Attention.Result.OUTPUT)),
                            target(unit, stored, new Attention(a.rule(), Attention.Result.LOG_SUM)));
            case AttentionGradient a ->
                    new AttentionBackward(
                            scores(a.rule(), in, AttentionGradient.REST),
                            v,
                            view(in.get(3)),
                            view(in.get(4)),
                            view(in.get(AttentionGradient.COTANGENT)),
                            target(unit, stored, new AttentionGradient(a.rule(), AttentionGradient.Result.Q)),
                            target(unit, stored, new AttentionGradient(a.rule(), AttentionGradient.Result.K)),
                            target(unit, stored, new AttentionGradient(a.rule(), AttentionGradient.Result.V)));
            case Op op -> throw new AssertionError(op);
        };
    }

    private static AttentionScores scores(AttentionRule rule, List<Node> in, int rest) {
        Node q = in.get(0);
        Node k = in.get(1);
        Node mask = rule.mask(in, rest);
        Node key = rule.key(in, rest);
        Shape square = Shape.of(q.shape().dim(0), q.shape().dim(2), q.shape().dim(1), k.shape().dim(1));
        return new AttentionScores(
                view(q),
                view(k),
                mask == null ? null : mask.layout.view(square),
                key == null ? null : view(key),
                rule.causal(),
                rule.scale(),
                rule.dropout());
    }

    private static View view(Node node) {
        return node.layout.view(node.shape());
    }

    // Null for a result that nobody asked for.
    private static View target(Unit unit, Predicate<Node> stored, Op op) {
        return unit.members.stream()
                .filter(n -> n.op.equals(op) && stored.test(n))
                .findFirst()
                .map(Lowering::dense)
                .orElse(null);
    }
}
