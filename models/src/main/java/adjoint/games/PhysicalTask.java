package adjoint.games;

import adjoint.data.Picture;

/// A task that is drawn: its text is the picture, smaller.
abstract class PhysicalTask implements Environment {
    /// Draws what is to be seen now.
    abstract Canvas drawn(double scale);

    @Override
    public final String text() {
        return drawn(Canvas.TEXT).text();
    }

    @Override
    public final Picture picture() {
        return drawn(1).picture();
    }
}
