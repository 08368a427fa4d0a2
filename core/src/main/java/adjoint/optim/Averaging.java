package adjoint.optim;

import adjoint.tensor.AdjointException;
import adjoint.tensor.Evaluator;
import adjoint.tensor.Evaluator.Update;
import adjoint.tensor.Parameter;
import adjoint.tensor.Tensor;

import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;
import java.util.Set;

/// Averages of the weights over a training, which often do better than the last ones.
///
/// ```
/// a ← a + (1 - β) / (1 - βⁿ) (w - a)  exponential: the n-th observation weighs 1 / β times as much as the one before
///                                     (Polyak & Juditsky 1992; corrected for the beginning as in Kingma & Ba 2015)
/// a ← a + (w - a) / n                 equal (stochastic weight averaging, Izmailov et al. 2018)
/// ```
///
/// Running statistics of norms are averaged too, since those of the last weights do not fit averaged ones. PyTorch's
/// `AveragedModel` differs: it keeps the first weights in an exponential average as if they had been there for ever, and averages
/// statistics only when told to.
///
/// ```java
/// var average = Averaging.exponential(0.999, model.parameters());
/// optimizer.step(loss);
/// average.observe();
/// average.swap();     // evaluate the averaged model
/// average.swap();     // go on training
/// ```
public final class Averaging {
    private static final double EQUAL = -1;

    private final double decay;
    private final SequencedMap<String, Parameter> parameters = new LinkedHashMap<>();
    private final SequencedMap<String, Parameter> averages = new LinkedHashMap<>();
    private long count;
    private final Evaluator evaluator;
    private boolean swapped;
    private final Map<Parameter, Long> versions = new HashMap<>(); // of the parameters, when they became the averages

    private Averaging(double decay, Map<String, Parameter> parameters, Evaluator evaluator) {
        this.decay = decay;
        this.evaluator = evaluator;
        Set<Parameter> seen = new HashSet<>();
        parameters.forEach((name, p) -> {
            if (p.spec().type().isFloating() && !p.isFrozen() && seen.add(p)) {
                this.parameters.put(name, p);
                averages.put(name, Parameter.state(p.value()));
            }
        });
    }

    /// An exponential moving average.
    ///
    /// @param decay β, in [0, 1): how much of the average each observation keeps
    public static Averaging exponential(double decay, Map<String, Parameter> parameters) {
        return new Averaging(Require.belowOne("the decay of an average", decay), parameters, Evaluator.standard());
    }

    /// An average in which all observations weigh the same.
    public static Averaging equal(Map<String, Parameter> parameters) {
        return new Averaging(EQUAL, parameters, Evaluator.standard());
    }

    /// A fresh one of the same parameters that computes on an evaluator of your own.
    public Averaging on(Evaluator other) {
        return new Averaging(decay, parameters, other);
    }

    /// Takes the present weights into the averages.
    public void observe() {
        if (swapped) {
            throw new AdjointException("the model holds the averages now: swap() back before training goes on");
        }
        double weight = decay == EQUAL ? 1.0 / (count + 1) : (1 - decay) / (1 - Math.pow(decay, count + 1.0));
        List<Update> updates = new ArrayList<>();
        averages.forEach((name, average) -> {
            Tensor w = parameters.get(name).value();
            Tensor a = average.value();
            Tensor next = count == 0 ? w : Averages.lerp(a, w, Tensor.scalar(a.type(), weight));
            updates.add(new Update(average, next));
        });
        evaluator.update(List.of(), updates);
        count++;
    }

    /// Exchanges the weights and their averages; a second call exchanges them back.
    ///
    /// @throws AdjointException if nothing was observed yet, or the averages in the model were trained
    public void swap() {
        if (count == 0) {
            throw new AdjointException("there is no average before the first observe(): call it after each step");
        }
        versions.forEach((p, version) -> {
            if (p.version() != version) {
                throw new AdjointException(
                        "the model was trained while it held the averages, which are lost by that: swap() back before"
                                + " training goes on");
            }
        });
        List<Update> updates = new ArrayList<>();
        averages.forEach((name, average) -> {
            Parameter p = parameters.get(name);
            updates.add(new Update(p, average.value()));
            updates.add(new Update(average, p.value()));
        });
        evaluator.update(List.of(), updates);
        swapped = !swapped;
        versions.clear();
        if (swapped) {
            parameters.values().forEach(p -> versions.put(p, p.version()));
        }
    }

    /// True while the model holds the averages.
    public boolean swapped() {
        return swapped;
    }

    /// Copies the averages into parameters of the same names, such as another copy of the model.
    ///
    /// @throws AdjointException if a name is missing or its shape or type differ; then nothing is copied
    public void applyTo(Map<String, Parameter> others) {
        if (swapped) {
            throw new AdjointException("the model holds the averages now: swap() back before copying them");
        }
        List<Update> updates = new ArrayList<>();
        averages.forEach((name, average) -> {
            Parameter other = others.get(name);
            if (other == null || !other.spec().equals(average.spec())) {
                throw new AdjointException(
                        "the average of '"
                                + name
                                + "' needs a parameter of "
                                + average.spec()
                                + " to go to, got "
                                + (other == null ? "none of this name" : other.spec().toString()));
            }
            updates.add(new Update(other, average.value()));
        });
        evaluator.update(List.of(), updates);
    }

    /// The averages by the names of their parameters, for reading and for a checkpoint.
    public SequencedMap<String, Parameter> state() {
        return Collections.unmodifiableSequencedMap(averages);
    }

    /// How many observations there were.
    public long count() {
        return count;
    }

    /// Continues after so many observations; the numbers of [#state()] are loaded apart.
    public void restore(long observations) {
        count = observations;
        swapped = false;
        versions.clear();
    }
}
