package adjoint.cli;

import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

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
        return Arrays.stream(type.getEnumConstants())
                .filter(c -> name(c).equals(name.toLowerCase(Locale.ROOT).replace('_', '-')))
                .findFirst()
                .orElseThrow(() ->
                        new TypeConversionException("'" + name + "' is none of " + String.join(", ", names(type))));
    }

    static final class OfSource implements ITypeConverter<Source> {
        @Override
        public Source convert(String value) {
            return find(Source.class, value);
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

    static final class OfMissing implements ITypeConverter<adjoint.data.Missing> {
        @Override
        public adjoint.data.Missing convert(String value) {
            return find(adjoint.data.Missing.class, value);
        }
    }
}
