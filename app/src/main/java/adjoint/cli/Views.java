package adjoint.cli;

import adjoint.nn.Layer;
import adjoint.nn.TestTimeAugmentation;

/// What a network looks at when it is asked.
enum Views {
    /// The picture.
    PLAIN,
    /// And its mirror image.
    MIRRORED,
    /// And both moved by a pixel.
    MOVED;

    Layer of(Layer model) {
        return switch (this) {
            case PLAIN -> model;
            case MIRRORED -> TestTimeAugmentation.mirrored(model);
            case MOVED -> TestTimeAugmentation.mirroredAndMoved(model, 1);
        };
    }
}
