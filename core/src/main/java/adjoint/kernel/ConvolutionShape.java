package adjoint.kernel;

/// The numbers of a [Step.Convolution] of floats over at most two spatial axes; a single one is an image of height 1.
///
/// @param c channels of x in a group
/// @param k channels of y in a group
record ConvolutionShape(
        int images,
        int height,
        int width,
        int outHeight,
        int outWidth,
        int kernelHeight,
        int kernelWidth,
        int groups,
        int c,
        int k,
        ConvolutionAxis[] rows,
        ConvolutionAxis[] columns,
        ConvolutionAxis[] rowsBack,
        ConvolutionAxis[] columnsBack) {

    /// The numbers, or null if it is of another kind.
    static ConvolutionShape of(Step.Convolution s) {
        int axes = s.stride().length;
        if (axes > 2 || s.x().type() != DType.FLOAT32) {
            return null;
        }
        int[] x = s.x().dims();
        int[] y = s.y().dims();
        int[] w = s.w().dims();
        int height = axes == 1 ? 1 : x[1];
        int outHeight = axes == 1 ? 1 : y[1];
        int kernelHeight = axes == 1 ? 1 : w[0];
        int kernelWidth = w[axes - 1];
        int last = axes - 1;
        int stride = s.stride()[last];
        int before = s.before()[last];
        int dilation = s.dilation()[last];
        int strideDown = axes == 1 ? 1 : s.stride()[0];
        int beforeDown = axes == 1 ? 0 : s.before()[0];
        int dilationDown = axes == 1 ? 1 : s.dilation()[0];
        return new ConvolutionShape(
                x[0],
                height,
                x[axes],
                outHeight,
                y[axes],
                kernelHeight,
                kernelWidth,
                s.groups(),
                w[axes],
                w[axes + 1] / s.groups(),
                ConvolutionAxis.forward(outHeight, kernelHeight, strideDown, beforeDown, dilationDown),
                ConvolutionAxis.forward(y[axes], kernelWidth, stride, before, dilation),
                ConvolutionAxis.adjoint(height, kernelHeight, strideDown, beforeDown, dilationDown),
                ConvolutionAxis.adjoint(x[axes], kernelWidth, stride, before, dilation));
    }

    /// Each channel for itself.
    boolean isDepthwise() {
        return c == 1 && k == 1 && groups > 1;
    }

    /// Whether offsets within the kernel and within an image, padded or not, fit an int, and all rows can be counted.
    boolean fitsInts() {
        return images > 0
                && Math.min(Math.min(height, width), Math.min(outHeight, outWidth)) > 0
                && (long) images * Math.max(height, outHeight) <= Integer.MAX_VALUE
                && (double) kernelHeight * kernelWidth * c * k * groups * Float.BYTES < Integer.MAX_VALUE
                && fits(height, width, groups * (long) c, rows, columns)
                && fits(outHeight, outWidth, groups * (long) k, rowsBack, columnsBack);
    }

    private static boolean fits(long h, long w, long channels, ConvolutionAxis[] down, ConvolutionAxis[] along) {
        return (double) reach(down, h) * reach(along, w) * channels * Float.BYTES < Integer.MAX_VALUE;
    }

    // From the first to the last position that is read, at least the whole axis.
    private static long reach(ConvolutionAxis[] axis, long extent) {
        long low = ConvolutionAxis.lowest(axis);
        long high = ConvolutionAxis.highest(axis) + (ConvolutionAxis.longest(axis) - 1L) * axis[0].stride();
        return Math.max(extent, high + 1) - Math.min(0, low);
    }
}
