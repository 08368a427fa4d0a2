package adjoint.cli;

import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

import java.io.File;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/// Names on the command line for the constants of enums: `LEAKY_RELU` is `leaky-relu`.
final class Choices {
    private Choices() {}

    static String name(Enum<?> constant) {
        return constant.name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    static List<String> names(Class<? extends Enum<?>> type) {
        return Arrays.stream(type.getEnumConstants()).map(Choices::name).toList();
    }

    /// The constant of that name; otherwise the message lists all.
    static <E extends Enum<E>> E find(Class<E> type, String name) {
        return only(name, List.of(type.getEnumConstants()));
    }

    /// The one of these that has the name; otherwise the message lists them.
    static <E extends Enum<E>> E only(String name, List<E> constants) {
        List<String> names = constants.stream().map(Choices::name).toList();
        int at = names.indexOf(name.toLowerCase(Locale.ROOT).replace('_', '-'));
        if (at < 0) {
            throw none(name, names);
        }
        return constants.get(at);
    }

    private static TypeConversionException none(String name, List<String> names) {
        return new TypeConversionException(noneOf("", name, names));
    }

    /// `'trian' is none of the commands train, plan; did you mean train?`
    ///
    /// @param what stands in front of the names: `the commands `
    static String noneOf(String what, String name, List<String> names) {
        return "'" + name + "' is none of " + what + String.join(", ", names) + near(name, names);
    }

    // `; did you mean mnist?` for `mnits`, or nothing.
    private static String near(String name, List<String> names) {
        String wanted = name.toLowerCase(Locale.ROOT);
        return names.stream()
                .filter(n ->
                        wanted.length() > 2 && n.startsWith(wanted)
                                || distance(wanted, n) <= Math.min(2, (n.length() + 1) / 3))
                .min(java.util.Comparator.comparingInt(n -> n.startsWith(wanted) ? 0 : distance(wanted, n)))
                .map(n -> "; did you mean " + n + "?")
                .orElse("");
    }

    // Levenshtein's: how many characters to insert, to remove, or to replace.
    private static int distance(String a, String b) {
        int[] row = java.util.stream.IntStream.rangeClosed(0, b.length()).toArray();
        for (int i = 1; i <= a.length(); i++) {
            int diagonal = row[0];
            row[0] = i;
            for (int j = 1; j <= b.length(); j++) {
                int replaced = diagonal + (a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1);
                diagonal = row[j];
                row[j] = Math.min(replaced, 1 + Math.min(row[j], row[j - 1]));
            }
        }
        return row[b.length()];
    }

    static final class OfSource implements ITypeConverter<Source> {
        @Override
        public Source convert(String value) {
            try {
                return find(Source.class, value);
            } catch (TypeConversionException e) {
                throw new TypeConversionException(e.getMessage() + remedy(value));
            }
        }

        // Who names a file, or a text where a set is wanted, is told where these are trained on.
        private static String remedy(String value) {
            if (value.equals("text") || value.equals("labels")) {
                return "; networks for text are trained with adjoint train text FILE or adjoint train labels FILE,"
                        + " and shown with adjoint summary --run RUN";
            }
            if (GameBlueprint.names().contains(value) || value.startsWith("game")) {
                return "; games are learned with adjoint train game NAME";
            }
            return value.contains(".") || new File(value).exists()
                    ? "; from a file learn adjoint train csv FILE, adjoint train text FILE and adjoint train labels FILE"
                    : "";
        }
    }

    static final class OfRule implements ITypeConverter<Rules> {
        @Override
        public Rules convert(String value) {
            return find(Rules.class, value);
        }
    }

    static final class OfRates implements ITypeConverter<Rates> {
        @Override
        public Rates convert(String value) {
            return find(Rates.class, value);
        }
    }

    static final class OfActivation implements ITypeConverter<adjoint.nn.Activation> {
        @Override
        public adjoint.nn.Activation convert(String value) {
            return find(adjoint.nn.Activation.class, value);
        }
    }

    static final class OfScheme implements ITypeConverter<Scheme> {
        @Override
        public Scheme convert(String value) {
            return find(Scheme.class, value);
        }
    }

    static final class OfViews implements ITypeConverter<Views> {
        @Override
        public Views convert(String value) {
            return find(Views.class, value);
        }
    }

    static final class OfHeader implements ITypeConverter<Material.Header> {
        @Override
        public Material.Header convert(String value) {
            return find(Material.Header.class, value);
        }
    }

    static final class OfMissing implements ITypeConverter<adjoint.data.Missing> {
        @Override
        public adjoint.data.Missing convert(String value) {
            return find(adjoint.data.Missing.class, value);
        }
    }

    static final class OfGame implements ITypeConverter<String> {
        @Override
        public String convert(String value) {
            List<String> names = GameBlueprint.names();
            if (!names.contains(value)) {
                throw none(value, names);
            }
            return value;
        }
    }

    static final class OfAlgorithm implements ITypeConverter<GameBlueprint.Algorithm> {
        @Override
        public GameBlueprint.Algorithm convert(String value) {
            return only(
                    value,
                    List.of(
                            GameBlueprint.Algorithm.DQN,
                            GameBlueprint.Algorithm.REINFORCE,
                            GameBlueprint.Algorithm.A2C,
                            GameBlueprint.Algorithm.PPO));
        }
    }

    static final class OfWriter implements ITypeConverter<TextBlueprint.Model> {
        @Override
        public TextBlueprint.Model convert(String value) {
            return only(value, List.of(TextBlueprint.Model.GPT, TextBlueprint.Model.LSTM));
        }
    }

    static final class OfClassifier implements ITypeConverter<TextBlueprint.Model> {
        @Override
        public TextBlueprint.Model convert(String value) {
            return only(
                    value, List.of(TextBlueprint.Model.BAG, TextBlueprint.Model.CNN, TextBlueprint.Model.TRANSFORMER));
        }
    }
}
