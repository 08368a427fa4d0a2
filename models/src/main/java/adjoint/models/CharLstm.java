package adjoint.models;

import adjoint.nn.Dropout;
import adjoint.nn.Embedding;
import adjoint.nn.Init;
import adjoint.nn.Linear;
import adjoint.nn.Lstm;
import adjoint.nn.Pass;
import adjoint.nn.RecurrentStack;
import adjoint.nn.Unrolled;
import adjoint.tensor.Evaluator;
import adjoint.tensor.ShapeException;
import adjoint.tensor.Tensor;
import adjoint.text.LanguageModel;

import java.util.Optional;

/// A language model of recurrent layers (Graves 2013; Zaremba et al. 2014): a vector for each token, LSTM layers with forget biases
/// of 1, a linear head.
///
/// ```java
/// var model = new CharLstm(new CharLstm.Form(tokenizer.size(), 64).layers(2).width(256), Init.seeded(1));
/// ```
/// Each window of a training is read from a state of zeros. In reading, the state goes on for ever.
///
/// Shapes: ids `[B, T]`, logits `[B, T, V]`.
///
/// @param tokens a vector for each token
/// @param dropout of the vectors, and before the head
/// @param layers the LSTM layers
/// @param head logits
/// @param context how many tokens it is trained on at once
public record CharLstm(Embedding tokens, Dropout dropout, RecurrentStack layers, Linear head, int context)
        implements LanguageModel {
    private static final double STD = 0.1; // of first vectors

    /// What it is made of.
    ///
    /// @param vocabulary how many tokens it knows
    /// @param context how many tokens it is trained on at once
    /// @param layers how many
    /// @param width of the tokens' vectors, and hidden units of each layer
    /// @param dropout in training
    public record Form(int vocabulary, int context, int layers, int width, double dropout) {
        /// @throws ShapeException if a number is below 1
        public Form {
            if (vocabulary < 1 || context < 1 || layers < 1 || width < 1) {
                throw new ShapeException(
                        "a CharLstm needs numbers of 1 or more, got vocabulary %d, context %d, %d layers, width %d"
                                .formatted(vocabulary, context, layers, width));
            }
        }

        /// 2 layers of 256, no dropout.
        public Form(int vocabulary, int context) {
            this(vocabulary, context, 2, 256, 0);
        }

        /// With so many layers.
        public Form layers(int n) {
            return new Form(vocabulary, context, n, width, dropout);
        }

        /// With another width.
        public Form width(int n) {
            return new Form(vocabulary, context, layers, n, dropout);
        }

        /// With dropout.
        public Form dropout(double share) {
            return new Form(vocabulary, context, layers, width, share);
        }
    }

    /// With new weights.
    public CharLstm(Form form, Init init) {
        this(
                new Embedding(form.vocabulary, form.width, init.with(Init.normal(STD))),
                new Dropout(form.dropout),
                RecurrentStack.of(
                        form.width, form.layers, form.dropout, n -> new Lstm(n, form.width, init).forgetBias(1)),
                new Linear(form.width, form.vocabulary, init.with(Init.lecunNormal())),
                form.context);
    }

    @Override
    public int vocabulary() {
        return head.out();
    }

    private Tensor vectors(Tensor x, Pass pass) {
        return dropout.apply(tokens.apply(x, pass), pass);
    }

    @Override
    public Tensor forward(Tensor x, Pass pass) {
        return head.apply(dropout.apply(layers.apply(vectors(x, pass), pass), pass), pass);
    }

    @Override
    public Reading reading(Evaluator evaluator) {
        return new Reading() {
            private Optional<Tensor> state = Optional.empty();

            @Override
            public Tensor read(Tensor ids) {
                int steps = ids.dim(1);
                Tensor logits = null;
                for (int from = 0; from < steps; ) {
                    int size = Integer.highestOneBit(steps - from); // of few sizes: each has a plan
                    logits = part(size == steps ? ids : ids.slice(1, from, from + size));
                    from += size;
                }
                return logits;
            }

            private Tensor part(Tensor ids) {
                Pass pass = Pass.inference();
                Unrolled read = layers.unroll(vectors(ids, pass), state, Optional.empty(), pass);
                Tensor logits = head.apply(read.outputs().select(1, -1), pass);
                evaluator.evaluate(logits, read.state());
                state = Optional.of(read.state());
                return logits;
            }

            @Override
            public void select(int... rows) {
                state = state.map(s -> s.gather(0, Tensor.of(rows, rows.length)));
                state.ifPresent(evaluator::evaluate);
            }
        };
    }

    @Override
    public String toString() {
        return "CharLstm(" + layers.layers().size() + " layers, width " + layers.hidden() + ")";
    }
}
