package adjoint.games;

import adjoint.models.ConvUnit;
import adjoint.nn.Activation;
import adjoint.nn.Flatten;
import adjoint.nn.Init;
import adjoint.nn.Layer;
import adjoint.nn.Linear;
import adjoint.nn.Sequential;
import adjoint.tensor.AdjointException;
import adjoint.tensor.Shape;

import java.util.ArrayList;
import java.util.List;

/// What stands between an observation and what is said about it: convolutions of 3 x 3, for observations that are planes, and dense
/// layers.
///
/// @param channels of the convolutions; none for observations that are a row of numbers
/// @param hidden the sizes of the dense layers
public record Body(List<Integer> channels, List<Integer> hidden) {
    /// Copies the lists.
    ///
    /// @throws AdjointException if a size is less than 1
    public Body {
        channels = List.copyOf(channels);
        hidden = List.copyOf(hidden);
        if (channels.stream().anyMatch(n -> n < 1) || hidden.stream().anyMatch(n -> n < 1)) {
            throw new AdjointException("layers have 1 channel or neuron or more, got " + channels + " and " + hidden);
        }
    }

    /// Dense layers alone.
    public Body(List<Integer> hidden) {
        this(List.of(), hidden);
    }

    /// The layers, and a head behind them: observations `[N, …]` to `[N, out]`.
    ///
    /// @param observation the shape of one
    /// @param scheme of the first weights of the dense layers
    /// @param head of those of the head
    /// @throws AdjointException if convolutions are wanted and there are no planes
    Layer with(Shape observation, int out, Activation activation, Init.Scheme scheme, Init.Scheme head, Init init) {
        if (!channels.isEmpty() && observation.rank() != 3) {
            throw new AdjointException(
                    "convolutions look at planes [H, W, C], and an observation has the shape " + observation
                            + ": leave them out");
        }
        List<Layer> layers = new ArrayList<>();
        int width = Math.toIntExact(observation.size());
        int planes = observation.dim(observation.rank() - 1);
        for (int more : channels) {
            layers.add(ConvUnit.biased(planes, more, 3, 1, Activation.RELU, init));
            width = width / planes * more;
            planes = more;
        }
        layers.add(new Flatten());
        for (int size : hidden) {
            layers.add(new Linear(width, size, init.with(scheme)));
            layers.add(activation);
            width = size;
        }
        layers.add(new Linear(width, out, init.with(head)));
        return new Sequential(layers);
    }
}
