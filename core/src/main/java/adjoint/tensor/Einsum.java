package adjoint.tensor;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;

/// Einstein's summation, mapped to permutations and one batched matrix product for each pair of operands.
final class Einsum {
    private Einsum() {}

    static Tensor of(String formula, Tensor... operands) {
        String[] sides = formula.replace(" ", "").split("->", -1);
        String[] terms = sides[0].split(",", -1);
        if (operands.length == 0 || terms.length != operands.length || sides.length > 2) {
            throw new ShapeException(
                    "einsum '" + formula + "' names " + terms.length + " operands, got " + operands.length);
        }
        for (int i = 0; i < terms.length; i++) {
            if (terms[i].length() != operands[i].shape().rank() || !terms[i].chars().allMatch(Character::isLetter)) {
                throw new ShapeException(
                        "einsum '"
                                + formula
                                + "': operand "
                                + i
                                + " has shape "
                                + operands[i].shape()
                                + ", which needs as many letters as axes, got '"
                                + terms[i]
                                + "'");
            }
        }
        String output = sides.length == 2 ? sides[1] : implied(sides[0]);
        check(formula, terms, output, operands);
        for (Tensor operand : operands) {
            if (operands.length > 1 && !operand.type().isFloating()) {
                throw new ShapeException(
                        "einsum '"
                                + formula
                                + "' needs floating elements, got "
                                + operand.spec()
                                + ": use to(DType.FLOAT32) first");
            }
        }

        Labelled result = diagonal(new Labelled(operands[0], terms[0]));
        for (int i = 1; i < operands.length; i++) {
            String later = String.join("", Arrays.asList(terms).subList(i + 1, terms.length)) + output;
            result = multiply(result, diagonal(new Labelled(operands[i], terms[i])), later);
        }
        return sumTo(result, output).order(output);
    }

    /// A tensor with a letter for each axis.
    private record Labelled(Tensor tensor, String labels) {
        int extent(char c) {
            return tensor.dim(labels.indexOf(c));
        }

        Tensor order(String wanted) {
            return tensor.permute(wanted.chars().map(labels::indexOf).toArray());
        }
    }

    private static void check(String formula, String[] terms, String output, Tensor... operands) {
        var extents = new java.util.HashMap<Character, Integer>();
        for (int i = 0; i < terms.length; i++) {
            for (int a = 0; a < terms[i].length(); a++) {
                int extent = operands[i].dim(a);
                Integer known = extents.putIfAbsent(terms[i].charAt(a), extent);
                if (known != null && known != extent) {
                    throw new ShapeException(
                            "einsum '"
                                    + formula
                                    + "': axis '"
                                    + terms[i].charAt(a)
                                    + "' is "
                                    + known
                                    + " in one operand and "
                                    + extent
                                    + " in another");
                }
            }
        }
        boolean known = output.chars().allMatch(c -> extents.containsKey((char) c));
        if (!known || output.chars().distinct().count() != output.length()) {
            throw new ShapeException(
                    "einsum '" + formula + "': each letter of the result must come once and in an operand");
        }
    }

    // Without an arrow: the letters that come once, in alphabetical order.
    private static String implied(String inputs) {
        return inputs.chars()
                .filter(c -> c != ',' && inputs.indexOf(c) == inputs.lastIndexOf(c))
                .sorted()
                .mapToObj(Character::toString)
                .collect(Collectors.joining());
    }

    // A letter twice in one operand picks the diagonal: of [.., n, n] seen as [.., n·n], every (n+1)-th element.
    private static Labelled diagonal(Labelled x) {
        for (int i = 0; i < x.labels.length(); i++) {
            int j = x.labels.indexOf(x.labels.charAt(i), i + 1);
            if (j > 0) {
                int n = x.tensor.dim(i);
                int last = x.labels.length() - 1;
                List<Integer> order = new ArrayList<>();
                var labels = new StringBuilder();
                for (int a = 0; a <= last; a++) {
                    if (a != i && a != j) {
                        order.add(a);
                        labels.append(x.labels.charAt(a));
                    }
                }
                labels.append(x.labels.charAt(i));
                order.addAll(List.of(i, j));
                Tensor square = x.tensor.permute(order.stream().mapToInt(Integer::intValue).toArray());
                int[] flat = square.shape().without(-1).dims();
                flat[flat.length - 1] = n * n;
                Tensor diagonal = square.reshape(flat).slice(-1, 0, n * n, n + 1);
                return diagonal(new Labelled(diagonal, labels.toString()));
            }
        }
        return x;
    }

    private static Labelled sumTo(Labelled x, String kept) {
        int[] gone =
                java.util.stream.IntStream.range(0, x.labels.length())
                        .filter(i -> kept.indexOf(x.labels.charAt(i)) < 0)
                        .toArray();
        String labels =
                x.labels
                        .chars()
                        .filter(c -> kept.indexOf(c) >= 0)
                        .mapToObj(Character::toString)
                        .collect(Collectors.joining());
        return gone.length == 0 ? x : new Labelled(x.tensor.sum(gone), labels);
    }

    // [batch, left, sum] · [batch, sum, right] -> [batch, left, right]
    private static Labelled multiply(Labelled a0, Labelled b0, String later) {
        Labelled a = sumTo(a0, b0.labels + later);
        Labelled b = sumTo(b0, a.labels + later);
        var batch = new StringBuilder();
        var sum = new StringBuilder();
        var left = new StringBuilder();
        var right = new StringBuilder();
        for (char c : a.labels.toCharArray()) {
            (b.labels.indexOf(c) < 0 ? left : later.indexOf(c) >= 0 ? batch : sum).append(c);
        }
        for (char c : b.labels.toCharArray()) {
            if (a.labels.indexOf(c) < 0) {
                right.append(c);
            }
        }
        int[] batchDims = batch.chars().map(c -> a.extent((char) c)).toArray();
        int m = product(a, left);
        int k = product(a, sum);
        int n = product(b, right);
        Tensor p = a.order("" + batch + left + sum).reshape(join(batchDims, m, k));
        Tensor q = b.order("" + batch + sum + right).reshape(join(batchDims, k, n));
        String labels = "" + batch + left + right;
        int[] dims =
                labels.chars().map(c -> a.labels.indexOf(c) >= 0 ? a.extent((char) c) : b.extent((char) c)).toArray();
        return new Labelled(p.matmul(q).reshape(dims), labels);
    }

    private static int product(Labelled x, CharSequence labels) {
        return labels.chars().map(c -> x.extent((char) c)).reduce(1, Math::multiplyExact);
    }

    private static int[] join(int[] head, int... tail) {
        int[] joined = Arrays.copyOf(head, head.length + tail.length);
        System.arraycopy(tail, 0, joined, head.length, tail.length);
        return joined;
    }
}
