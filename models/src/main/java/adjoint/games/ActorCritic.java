package adjoint.games;

import adjoint.nn.Activation;
import adjoint.nn.Init;
import adjoint.nn.Layer;
import adjoint.nn.Pass;
import adjoint.tensor.Evaluator;
import adjoint.tensor.Parameter;
import adjoint.tensor.Shape;
import adjoint.tensor.Tensor;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Optional;
import java.util.SequencedMap;

/// What the policy-gradient algorithms train: an actor that says what to do, and a critic that says what a state is worth.
///
/// @param actor observations `[N, …]` to `[N, A]`: logits of the actions, or the means of an action's numbers
/// @param critic observations `[N, …]` to values `[N, 1]`
/// @param logDeviation `[A]`, of an action's numbers; empty if actions are chosen
public record ActorCritic(Layer actor, Layer critic, Optional<Parameter> logDeviation) {
    /// Networks of tanh neurons with orthogonal weights, whose actor at first prefers nothing (Andrychowicz et al. 2021).
    ///
    /// @param hidden the sizes of the hidden layers
    public static ActorCritic of(Environment environment, List<Integer> hidden, Init init) {
        return of(environment, new Body(hidden), init);
    }

    /// The same, with convolutions if there are some; of ReLU neurons where observations are planes, since what matters there are two cells
    /// at once; on Breakout tanh learns less.
    public static ActorCritic of(Environment environment, Body body, Init init) {
        int out =
                switch (environment.actions()) {
                    case Actions.Discrete d -> d.count();
                    case Actions.Continuous c -> c.width();
                };
        return new ActorCritic(
                network(environment, body, out, 0.01, init),
                network(environment, body, 1, 1, init),
                deviation(environment.actions()));
    }

    /// The parameter that goes with such actions, if one does.
    public static Optional<Parameter> deviation(Actions actions) {
        return actions instanceof Actions.Continuous c
                ? Optional.of(Parameter.of(Tensor.zeros(Shape.of(c.width()).dims())))
                : Optional.empty();
    }

    private static Layer network(Environment environment, Body body, int out, double gain, Init init) {
        Init.Scheme hidden = Init.orthogonal(Math.sqrt(2));
        Activation activation = environment.observation().rank() == 3 ? Activation.RELU : Activation.TANH;
        return body.with(environment.observation(), out, activation, hidden, Init.orthogonal(gain), init);
    }

    /// All weights, by name.
    public SequencedMap<String, Parameter> parameters() {
        var all = new LinkedHashMap<String, Parameter>();
        actor.parameters().forEach((name, p) -> all.put("actor." + name, p));
        critic.parameters().forEach((name, p) -> all.putIfAbsent("critic." + name, p));
        logDeviation.ifPresent(p -> all.put("logDeviation", p));
        return all;
    }

    /// Always does what is likeliest.
    public Policy policy(Evaluator evaluator) {
        return observations -> {
            Choice choice = choice(observations);
            evaluator.evaluate(choice.numbers());
            return choice.likeliest();
        };
    }

    /// Values `[N]`.
    Tensor value(Tensor observations) {
        return critic.apply(observations, Pass.inference()).squeeze(1);
    }

    /// What the actor makes of observations.
    Choice choice(Tensor observations) {
        Tensor out = actor.apply(observations, Pass.inference()); // [N, A]
        return logDeviation.isPresent() ? new Gaussian(out, logDeviation.get().value()) : new Categorical(out);
    }
}
