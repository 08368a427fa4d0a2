package adjoint.cli;

import adjoint.data.DataException;
import adjoint.models.CharLstm;
import adjoint.models.Gpt;
import adjoint.models.TextClassifier;
import adjoint.nn.Init;
import adjoint.nn.Layer;
import adjoint.text.LanguageModel;

import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;

/// What a network for text is made of, as `run.json` has it.
///
/// @param model which one
/// @param vocabulary how many tokens it knows
/// @param context how many tokens it is trained on at once
/// @param layers how many
/// @param heads of attention
/// @param width of the vectors, or hidden units
/// @param dropout in training
/// @param classes what it tells apart; none if it writes
record TextBlueprint(
        Model model,
        int vocabulary,
        int context,
        int layers,
        int heads,
        int width,
        double dropout,
        List<String> classes) {
    private static final int SMALLEST = 1;
    private static final int[] CNN_WINDOWS = {2, 3, 4, 5}; // tokens

    /// The networks.
    enum Model {
        GPT,
        LSTM,
        BAG,
        CNN,
        TRANSFORMER;

        /// Whether it has attention.
        boolean hasHeads() {
            return this == GPT || this == TRANSFORMER;
        }

        /// Whether it writes text, and does not tell classes.
        boolean writes() {
            return this == GPT || this == LSTM;
        }
    }

    /// @throws DataException if something is missing
    TextBlueprint {
        if (model == null || vocabulary < SMALLEST || context < SMALLEST || layers < SMALLEST || width < SMALLEST) {
            throw new DataException("it does not say what network it was");
        }
        classes = classes == null ? List.of() : List.copyOf(classes);
        if (model.writes() != classes.isEmpty() || heads < SMALLEST || model.hasHeads() && width % heads != 0) {
            throw new DataException("it names a network that cannot be");
        }
    }

    /// How many numbers are trained. A double, since sizes that no machine has room for overflow a long.
    double parameters() {
        double w = width;
        double head = (model == Model.CNN ? CNN_WINDOWS.length : 1) * w * classes.size() + classes.size();
        return switch (model) {
            case GPT -> (vocabulary + (double) context) * w + layers * (12 * w * w + 4 * w) + 2 * w;
            case LSTM -> 2.0 * vocabulary * w + vocabulary + layers * (8 * w * w + 4 * w);
            case BAG -> (vocabulary + 1.0) * w + head;
            case CNN ->
                    (vocabulary + 1.0) * w + IntStream.of(CNN_WINDOWS).mapToDouble(n -> (n * w + 1) * w).sum() + head;
            case TRANSFORMER -> (vocabulary + 1.0) * w + layers * (12 * w * w + 13 * w) + 2 * w + head;
        };
    }

    /// Why it cannot be trained on this machine, if that is so; known before a weight is drawn.
    Optional<String> refusal() {
        double largest = Math.max((vocabulary + 1.0) * width, model == Model.BAG ? 0 : 4.0 * width * width);
        return Network.refusal(parameters(), largest, Machine.memory(), Runtime.getRuntime().maxMemory());
    }

    /// A network that writes, with first weights.
    LanguageModel writer(Init init) {
        return switch (model) {
            case GPT ->
                    new Gpt(
                            new Gpt.Form(vocabulary, context).layers(layers).heads(heads).width(width).dropout(dropout),
                            init);
            case LSTM -> new CharLstm(new CharLstm.Form(vocabulary, context, layers, width, dropout), init);
            case BAG, CNN, TRANSFORMER -> throw new IllegalStateException(model + " writes nothing");
        };
    }

    /// A network that tells classes, with first weights.
    Layer classifier(Init init) {
        var kind = TextClassifier.Kind.valueOf(model.name());
        var form = new TextClassifier.Form(kind, vocabulary, classes.size());
        return new TextClassifier(form.width(width).layers(layers).heads(heads).dropout(dropout), init);
    }

    /// In words: `gpt, 4 layers, width 128`.
    String describe() {
        boolean layered = model != Model.BAG && model != Model.CNN;
        return Choices.name(model)
                + (layered ? ", " + Words.count(layers, "layer") : "")
                + (model.hasHeads() ? ", " + Words.count(heads, "head") : "")
                + ", width "
                + width
                + (dropout > 0 ? ", dropout " + Words.number(dropout) : "");
    }
}
