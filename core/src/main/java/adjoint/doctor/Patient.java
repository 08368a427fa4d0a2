package adjoint.doctor;

import adjoint.data.Batches;
import adjoint.nn.Criterion;
import adjoint.nn.Layer;
import adjoint.optim.Optimizer;
import adjoint.optim.Rule;
import adjoint.tensor.Evaluator;

import java.util.OptionalDouble;
import java.util.function.UnaryOperator;

/// A training to be looked at: a network with its weights as they are now, and how it is to be trained.
///
/// @param model the network
/// @param criterion what is made small
/// @param rule how the weights follow the gradient
/// @param batches what to learn from
/// @param clipNorm the length to which gradients are shortened, if they are
/// @param setting the optimizer's further settings, such as groups
/// @param seed of what the network draws in training
/// @param evaluator what computes
public record Patient(
        Layer model,
        Criterion criterion,
        Rule rule,
        Batches batches,
        OptionalDouble clipNorm,
        UnaryOperator<Optimizer> setting,
        long seed,
        Evaluator evaluator) {
    /// Without clipping, with seed 0, computed by the standard engine.
    public Patient(Layer model, Criterion criterion, Rule rule, Batches batches) {
        this(model, criterion, rule, batches, OptionalDouble.empty(), o -> o, 0, Evaluator.standard());
    }

    /// Another network in its place.
    public Patient model(Layer other) {
        return new Patient(other, criterion, rule, batches, clipNorm, setting, seed, evaluator);
    }

    /// Learning from others.
    public Patient batches(Batches others) {
        return new Patient(model, criterion, rule, others, clipNorm, setting, seed, evaluator);
    }

    /// With another rule.
    public Patient rule(Rule other) {
        return new Patient(model, criterion, other, batches, clipNorm, setting, seed, evaluator);
    }

    /// With gradients shortened to this length.
    public Patient clipNorm(double limit) {
        return new Patient(model, criterion, rule, batches, OptionalDouble.of(limit), setting, seed, evaluator);
    }

    /// With other settings of the optimizer, as [adjoint.train.Trainer#optimizer(UnaryOperator)] has them:
    /// `patient.optimizer(o -> o.group("head.*", rule -> rule.weightDecay(0)))`.
    public Patient optimizer(UnaryOperator<Optimizer> other) {
        return new Patient(model, criterion, rule, batches, clipNorm, other, seed, evaluator);
    }

    /// With another seed.
    public Patient seed(long other) {
        return new Patient(model, criterion, rule, batches, clipNorm, setting, other, evaluator);
    }

    /// Computed by this one.
    public Patient evaluator(Evaluator other) {
        return new Patient(model, criterion, rule, batches, clipNorm, setting, seed, other);
    }
}
