package adjoint.games;

import adjoint.models.ConvUnit;
import adjoint.nn.Activation;
import adjoint.nn.Flatten;
import adjoint.nn.Init;
import adjoint.nn.Layer;
import adjoint.nn.Linear;
import adjoint.nn.Pass;
import adjoint.nn.Residual;
import adjoint.nn.Sequential;
import adjoint.tensor.Evaluator;
import adjoint.tensor.Parameter;
import adjoint.tensor.Tensor;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.SequencedMap;

/// A network that looks at positions of a [Game]: which moves are good, and who will win (Silver et al. 2017).
///
/// @param trunk planes `[N, H, W, C]` to features
/// @param policy features to logits of the moves, `[N, moves]`
/// @param value features to `[N, 1]`, before the tanh: 1 if the one whose turn it is wins, -1 if it loses
public record PolicyValue(Layer trunk, Layer policy, Layer value) {
    /// Convolutions with residual connections, and small heads.
    ///
    /// @param channels of each convolution
    /// @param blocks of two convolutions each
    public static PolicyValue of(Game game, int channels, int blocks, Init init) {
        int height = game.planes().dim(0);
        int width = game.planes().dim(1);
        List<Layer> trunk = new ArrayList<>();
        trunk.add(ConvUnit.normed(game.planes().dim(2), channels, 3, 1, Activation.RELU, init));
        for (int i = 0; i < blocks; i++) {
            trunk.add(
                    new Residual(
                            Sequential.of(
                                    ConvUnit.normed(channels, channels, 3, 1, Activation.RELU, init),
                                    ConvUnit.normed(channels, channels, 3, 1, Activation.RELU, init))));
        }
        return new PolicyValue(
                new Sequential(trunk),
                Sequential.of(
                        ConvUnit.normed(channels, 4, 1, 1, Activation.RELU, init),
                        new Flatten(),
                        new Linear(4 * height * width, game.moves(), init)),
                Sequential.of(
                        ConvUnit.normed(channels, 4, 1, 1, Activation.RELU, init),
                        new Flatten(),
                        new Linear(4 * height * width, 64, init),
                        Activation.RELU,
                        new Linear(64, 1, init)));
    }

    /// What it thinks.
    ///
    /// @param logits of the moves, `[N, moves]`, legal or not
    /// @param values from -1 to 1, `[N]`
    record Opinion(Tensor logits, Tensor values) {}

    Opinion opinion(Tensor planes, Pass pass) {
        Tensor features = trunk.apply(planes, pass);
        return new Opinion(policy.apply(features, pass), value.apply(features, pass).squeeze(1).tanh());
    }

    /// What it thinks of positions, computed. Padded to a power of two, so that the plans are few.
    Opinion opinion(Game game, List<? extends Position> positions, Evaluator evaluator) {
        int n = Math.max(1, Integer.highestOneBit(2 * positions.size() - 1));
        int size = Math.toIntExact(game.planes().size());
        float[] planes = new float[n * size];
        for (int i = 0; i < positions.size(); i++) {
            positions.get(i).observe(planes, i * size);
        }
        Opinion opinion = opinion(Tensor.of(planes, game.planes().insert(0, n)), Pass.inference());
        evaluator.evaluate(opinion.logits, opinion.values);
        return opinion;
    }

    /// All weights, by name.
    public SequencedMap<String, Parameter> parameters() {
        SequencedMap<String, Parameter> all = new LinkedHashMap<>();
        trunk.parameters().forEach((name, p) -> all.put("trunk." + name, p));
        policy.parameters().forEach((name, p) -> all.put("policy." + name, p));
        value.parameters().forEach((name, p) -> all.put("value." + name, p));
        return all;
    }
}
