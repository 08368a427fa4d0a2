package adjoint.cli;

import adjoint.data.Augment;
import adjoint.data.Padding;

import java.util.List;

/// The random changes of pictures on the command line: `crop:4,flip`.
final class Changes {
    static final String NAMES =
            "crop[:PIXELS], shift[:PIXELS] (reflected borders), flip, alternating-flip, cutout[:SIDE], rotation[:DEGREES],"
                    + " translation[:PIXELS], colours[:SHARE], mixup[:ALPHA] and cutmix[:ALPHA]";

    private Changes() {}

    /// @throws IllegalArgumentException with a sentence, if there is no such change
    static Augment of(long seed, List<String> changes) {
        Augment all = Augment.of(seed);
        for (String change : changes) {
            all = with(all, change.strip());
        }
        return all;
    }

    private static Augment with(Augment all, String change) {
        String[] parts = change.split(":", -1);
        String name = parts[0];
        return switch (name) {
            case "crop" -> all.crop(whole(parts, 4, 1, 100));
            case "shift" -> all.crop(whole(parts, 2, 1, 100), Padding.REFLECT);
            case "flip" -> alone(parts, all).flip();
            case "alternating-flip" -> alone(parts, all).alternatingFlip();
            case "cutout" -> all.cutout(whole(parts, 8, 1, 1000));
            case "rotation" -> all.rotation(value(parts, 10, 0, 180));
            case "translation" -> all.translation(value(parts, 2, 0, 100));
            case "colours" -> {
                double share = value(parts, 0.2, 0, 1);
                yield all.colourJitter(share, share, share);
            }
            case "mixup" -> all.mixup(value(parts, 0.2, 0.001, 100));
            case "cutmix" -> all.cutmix(value(parts, 1, 0.001, 100));
            default -> throw new IllegalArgumentException("'" + name + "' is none of " + NAMES);
        };
    }

    private static Augment alone(String[] parts, Augment all) {
        if (parts.length > 1) {
            throw new IllegalArgumentException(parts[0] + " takes no number, got '" + behind(parts) + "'");
        }
        return all;
    }

    private static int whole(String[] parts, int usual, int least, int most) {
        double value = value(parts, usual, least, most);
        if (value != Math.rint(value)) {
            throw new IllegalArgumentException(parts[0] + " takes a whole number, got '" + behind(parts) + "'");
        }
        return (int) value;
    }

    private static String behind(String[] parts) {
        return String.join(":", List.of(parts).subList(1, parts.length));
    }

    private static double value(String[] parts, double usual, double least, double most) {
        if (parts.length == 1) {
            return usual;
        }
        try {
            double value = Double.parseDouble(parts[1]);
            if (parts.length == 2 && value >= least && value <= most) {
                return value;
            }
        } catch (NumberFormatException _) { // said below
        }
        throw new IllegalArgumentException(
                parts[0]
                        + " takes a number from "
                        + Words.number(least)
                        + " to "
                        + Words.number(most)
                        + ", got '"
                        + behind(parts)
                        + "'");
    }
}
