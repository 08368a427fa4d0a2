package adjoint.models;

import adjoint.nn.Activation;
import adjoint.nn.Init;
import adjoint.nn.Layer;
import adjoint.nn.Pass;
import adjoint.tensor.Parameter;
import adjoint.tensor.Tensor;

import java.util.List;
import java.util.Optional;

/// A block of a [ResNet]: `activation(units(x) + shortcut(x))` (He et al. 2015, figures 2 and 5).
///
/// Shapes: `[N, H, W, in]` to `[N, H / stride, W / stride, out]`.
///
/// @param units the convolutions
/// @param shortcut empty in a plain network
/// @param activation the identity in the pre-activation form
public record ResidualBlock(List<ConvUnit> units, Optional<Layer> shortcut, Activation activation) implements Layer {

    /// The shortcut without parameters: every `stride`-th place, with zeros for new channels.
    ///
    /// @param stride from one place to the next
    /// @param channels how many are new
    public record Pad(int stride, int channels) implements Layer {
        @Override
        public Tensor forward(Tensor x, Pass pass) {
            Tensor y = x.slice(1, 0, x.dim(1), stride).slice(2, 0, x.dim(2), stride);
            return y.pad(3, 0, channels); // [N, H, W, C] -> [N, H / stride, W / stride, C + channels]
        }
    }

    /// Copies the list.
    public ResidualBlock {
        units = List.copyOf(units);
    }

    /// Where a block stands: its channels, and whether it is the network's first, whose input is activated already.
    record Place(int in, int inner, int out, int stride, boolean first) {}

    /// Two convolutions of 3x3.
    static ResidualBlock basic(Place at, ResNet.Form form, Init init) {
        return of(
                List.of(
                        unit(at.in, at.out, 3, at.stride, at.first, form, init),
                        end(at.out, at.out, 3, form, init)),
                at,
                form,
                init);
    }

    /// A convolution of 3x3 between two of 1x1. The stride lies in the 3x3, as in torchvision.
    static ResidualBlock bottleneck(Place at, ResNet.Form form, Init init) {
        return of(
                List.of(
                        unit(at.in, at.inner, 1, 1, at.first, form, init),
                        unit(at.inner, at.inner, 3, at.stride, false, form, init),
                        end(at.inner, at.out, 1, form, init)),
                at,
                form,
                init);
    }

    private static ResidualBlock of(List<ConvUnit> units, Place at, ResNet.Form form, Init init) {
        Optional<Layer> shortcut =
                switch (form.shortcut().orElseThrow()) {
                    case NONE -> Optional.empty();
                    case ResNet.Shortcut _ when at.in == at.out && at.stride == 1 -> Optional.of(Activation.IDENTITY);
                    case PAD -> Optional.of(new Pad(at.stride, at.out - at.in));
                    case PROJECTION ->
                        Optional.of(
                                form.preActivation() // then a norm behind it would stand in the way of the sums
                                        ? unit(at.in, at.out, 1, at.stride, at.first, form, init)
                                        : ConvUnit.normed(at.in, at.out, 1, at.stride, Activation.IDENTITY, init));
                };
        return new ResidualBlock(units, shortcut, form.preActivation() ? Activation.IDENTITY : form.activation());
    }

    private static ConvUnit unit(
            int in, int out, int window, int stride, boolean bare, ResNet.Form form, Init init) {
        if (!form.preActivation()) {
            return ConvUnit.normed(in, out, window, stride, form.activation(), init);
        }
        return bare
                ? ConvUnit.bare(in, out, window, stride, init)
                : ConvUnit.preActivated(in, out, window, stride, form.activation(), init);
    }

    // The last convolution, whose activation comes behind the sum.
    private static ConvUnit end(int in, int out, int window, ResNet.Form form, Init init) {
        ConvUnit unit =
                form.preActivation()
                        ? ConvUnit.preActivated(in, out, window, 1, form.activation(), init)
                        : ConvUnit.normed(in, out, window, 1, Activation.IDENTITY, init);
        if (form.zero()) { // not γ in front of a ReLU, which would let nothing back through
            Parameter last = unit.first() ? unit.convolution().weight() : unit.norm().orElseThrow().weight();
            last.set(last.value().zerosLike());
        }
        return unit;
    }

    @Override
    public Tensor forward(Tensor x, Pass pass) {
        Tensor y = x;
        for (ConvUnit unit : units) {
            y = unit.apply(y, pass);
        }
        if (shortcut.isPresent()) {
            y = y.add(shortcut.get().apply(x, pass));
        }
        return activation == Activation.IDENTITY ? y : activation.apply(y, pass);
    }

    @Override
    public String toString() {
        int out = units.getLast().convolution().out();
        return "ResidualBlock(" + units.getFirst().convolution().in() + " -> " + out + ")";
    }
}
