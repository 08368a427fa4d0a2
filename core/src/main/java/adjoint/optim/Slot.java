package adjoint.optim;

import adjoint.tensor.AdjointException;
import adjoint.tensor.Evaluator.Update;
import adjoint.tensor.Formula;
import adjoint.tensor.Parameter;
import adjoint.tensor.Tensor;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// A parameter with all that belongs to it while it is trained.
final class Slot {
    private final String name;
    private final Parameter parameter;
    private final Rule rule;
    private final List<Parameter> states;
    private final List<Parameter> sums;
    private Optional<Formula> formula; // of the rule; null before its first use, nothing if it cannot be one

    /// @param sums holds the accumulated gradient, if there is to be one
    Slot(String name, Parameter parameter, Rule rule, List<Parameter> states, List<Parameter> sums) {
        this.name = name;
        this.parameter = parameter;
        this.rule = rule;
        this.states = states;
        this.sums = sums;
    }

    String name() {
        return name;
    }

    Parameter parameter() {
        return parameter;
    }

    Rule rule() {
        return rule;
    }

    List<Parameter> states() {
        return states;
    }

    List<Parameter> sums() {
        return sums;
    }

    /// The next values of the parameter and of what is kept for it.
    ///
    /// @param numbers the rule's scalars, side by side
    List<Update> updates(Tensor gradient, Tensor numbers) {
        List<Tensor> inputs = new ArrayList<>(3 + states.size());
        inputs.add(parameter.value());
        inputs.add(gradient);
        inputs.add(numbers);
        states.forEach(state -> inputs.add(state.value()));
        if (formula == null) {
            formula = Formula.trace(inputs.stream().map(Tensor::spec).toList(), this::next);
        }
        List<Tensor> next = formula.map(f -> f.apply(inputs)).orElseGet(() -> next(inputs));
        List<Update> updates = new ArrayList<>(next.size());
        updates.add(new Update(parameter, next.getFirst()));
        for (int i = 0; i < states.size(); i++) {
            updates.add(new Update(states.get(i), next.get(i + 1)));
        }
        return updates;
    }

    private List<Tensor> next(List<Tensor> inputs) {
        Tensor numbers = inputs.get(2);
        List<Tensor> scalars = new ArrayList<>();
        for (int i = 0; i < numbers.dim(0); i++) {
            scalars.add(numbers.select(0, i));
        }
        Rule.Next next = rule.next(inputs.get(0), inputs.get(1), inputs.subList(3, inputs.size()), scalars);
        if (next.states().size() != states.size()) {
            throw new AdjointException(
                    "the rule %s keeps %d states for a parameter, but its next() gave %d"
                            .formatted(rule, states.size(), next.states().size()));
        }
        List<Tensor> all = new ArrayList<>(next.states());
        all.addFirst(next.value());
        return all;
    }
}
