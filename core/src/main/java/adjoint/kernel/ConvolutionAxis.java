package adjoint.kernel;

/// One spatial axis of a convolution as a sum over taps: target position `first + step j` meets, through kernel position
/// `taps[i]`, source position `j stride + shifts[i]`.
///
/// The adjoint of a convolution with a stride falls into phases: target positions with the same remainder see the same
/// taps, one stride apart in the kernel, and move over the source in steps of one.
///
/// @param count how many target positions there are
record ConvolutionAxis(int first, int step, int count, int stride, int[] taps, int[] shifts) {

    /// From x to y.
    static ConvolutionAxis[] forward(int out, int kernel, int stride, int before, int dilation) {
        int[] taps = new int[kernel];
        int[] shifts = new int[kernel];
        for (int r = 0; r < kernel; r++) {
            taps[r] = r;
            shifts[r] = r * dilation - before;
        }
        return new ConvolutionAxis[] {new ConvolutionAxis(0, 1, out, stride, taps, shifts)};
    }

    /// From y to x, a phase for each remainder.
    static ConvolutionAxis[] adjoint(int in, int kernel, int stride, int before, int dilation) {
        var phases = new ConvolutionAxis[Math.min(stride, in)];
        for (int phase = 0; phase < phases.length; phase++) {
            int[] taps = new int[kernel];
            int[] shifts = new int[kernel];
            int n = 0;
            for (int r = 0; r < kernel; r++) {
                int away = phase + before - r * dilation;
                if (Math.floorMod(away, stride) == 0) {
                    taps[n] = r;
                    shifts[n++] = Math.floorDiv(away, stride);
                }
            }
            int count = Math.ceilDiv(in - phase, stride);
            phases[phase] =
                    new ConvolutionAxis(
                            phase,
                            stride,
                            count,
                            1,
                            java.util.Arrays.copyOf(taps, n),
                            java.util.Arrays.copyOf(shifts, n));
        }
        return phases;
    }

    /// The smallest shift of all phases.
    static int lowest(ConvolutionAxis... phases) {
        int low = Integer.MAX_VALUE;
        for (var phase : phases) {
            for (int shift : phase.shifts) {
                low = Math.min(low, shift);
            }
        }
        return low == Integer.MAX_VALUE ? 0 : low;
    }

    /// The largest shift of all phases.
    static int highest(ConvolutionAxis... phases) {
        int high = Integer.MIN_VALUE;
        for (var phase : phases) {
            for (int shift : phase.shifts) {
                high = Math.max(high, shift);
            }
        }
        return high == Integer.MIN_VALUE ? 0 : high;
    }

    /// The largest number of positions of a phase.
    static int longest(ConvolutionAxis... phases) {
        int count = 0;
        for (var phase : phases) {
            count = Math.max(count, phase.count);
        }
        return count;
    }
}
