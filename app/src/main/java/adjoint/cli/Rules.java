package adjoint.cli;

import adjoint.optim.Adadelta;
import adjoint.optim.Adagrad;
import adjoint.optim.Adam;
import adjoint.optim.AdamW;
import adjoint.optim.Lion;
import adjoint.optim.NAdam;
import adjoint.optim.RAdam;
import adjoint.optim.RmsProp;
import adjoint.optim.Rule;
import adjoint.optim.Schedule;
import adjoint.optim.Sgd;

import java.util.function.Function;

/// The optimizers by name, with the rate each starts from where none is given.
enum Rules {
    SGD(0.1, Sgd::rate),
    MOMENTUM(0.02, rate -> Sgd.rate(rate).momentum(0.9)),
    NESTEROV(0.02, rate -> Sgd.rate(rate).momentum(0.9).nesterov()),
    ADAM(1e-3, Adam::rate),
    ADAMW(1e-3, AdamW::rate),
    AMSGRAD(1e-3, rate -> AdamW.rate(rate).amsgrad()),
    RMSPROP(1e-3, RmsProp::rate),
    ADAGRAD(1e-2, Adagrad::rate),
    ADADELTA(1, Adadelta::rate),
    NADAM(1e-3, NAdam::rate),
    RADAM(1e-3, RAdam::rate),
    LION(1e-4, Lion::rate);

    private final double rate;
    private final Function<Schedule, Rule> rule;

    Rules(double rate, Function<Schedule, Rule> rule) {
        this.rate = rate;
        this.rule = rule;
    }

    double rate() {
        return rate;
    }

    Rule with(Schedule schedule) {
        return rule.apply(schedule);
    }
}
