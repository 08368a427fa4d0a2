package adjoint.data;

/// A part of a picture: rows `top` … `bottom - 1`, columns `left` … `right - 1`.
record Box(int top, int left, int bottom, int right) {
    /// What of these rows and columns lies in the picture.
    static Box clipped(int top, int left, int height, int width, Picture picture) {
        return new Box(
                Math.max(0, top),
                Math.max(0, left),
                Math.min(picture.height(), top + height),
                Math.min(picture.width(), left + width));
    }

    /// The number of pixels.
    int area() {
        return (bottom - top) * (right - left);
    }
}
