package adjoint.cli;

import adjoint.games.A2c;
import adjoint.games.Body;
import adjoint.games.Dqn;
import adjoint.games.Ppo;
import adjoint.games.Reinforce;
import adjoint.optim.Schedule;

import java.util.List;

/// How a task for one is learned where nothing else is said.
///
/// @param usual the algorithm
/// @param steps of that one, and of those that are not Q-learning
/// @param dqnSteps of Q-learning
record Recipe(
        GameBlueprint.Algorithm usual,
        Body body,
        long steps,
        long dqnSteps,
        Dqn.Options dqn,
        Ppo.Options ppo,
        A2c.Options a2c,
        Reinforce.Options reinforce) {
    private static final Body DENSE = new Body(List.of(64, 64));
    private static final Body WIDE = new Body(List.of(128, 128));

    /// @param task the name of its environment
    static Recipe of(String task) {
        return switch (task) {
            case "mountain-car" ->
                    usual(100_000)
                            .dqn(new Dqn.Options(8, 4e-3, 0.98, 128, 10_000, 1_000, 2, 600, 24_000, 0.07, true, 0))
                            .by(GameBlueprint.Algorithm.DQN);
            case "frozen-lake" -> usual(100_000).by(GameBlueprint.Algorithm.DQN);
            case "pendulum" -> usual(200_000).ppo(PUSHING);
            case "acrobot" -> usual(200_000);
            case "breakout" -> usual(10_000_000).body(WIDE).ppo(many(0.99));
            case "snake" -> usual(10_000_000).body(WIDE).ppo(many(0.98));
            default -> usual(100_000);
        };
    }

    // Torques are numbers, drawn around a mean: they need no further reward for chance.
    private static final Ppo.Options PUSHING =
            new Ppo.Options(16, 256, Schedule.constant(1e-3), 0.9, 0.95, 10, 256, 0.2, step -> 0, 0.5, 0.1);

    private static Ppo.Options many(double discount) {
        Schedule rate = Schedule.constant(2.5e-3);
        Schedule entropy = Schedule.constant(0.01);
        return new Ppo.Options(64, 128, rate, discount, 0.95, 4, 1024, 0.2, entropy, 0.5, 1);
    }

    private static Recipe usual(long steps) {
        return new Recipe(
                GameBlueprint.Algorithm.PPO,
                DENSE,
                steps,
                200_000,
                new Dqn.Options(8, 1e-3, 0.99, 128, 20_000, 1_000, 4, 125, 40_000, 0.02, true, 0),
                new Ppo.Options(),
                new A2c.Options(),
                new Reinforce.Options());
    }

    private Recipe by(GameBlueprint.Algorithm other) {
        return new Recipe(other, body, steps, dqnSteps, dqn, ppo, a2c, reinforce);
    }

    private Recipe body(Body other) {
        return new Recipe(usual, other, steps, dqnSteps, dqn, ppo, a2c, reinforce);
    }

    private Recipe dqn(Dqn.Options other) {
        return new Recipe(usual, body, steps, dqnSteps, other, ppo, a2c, reinforce);
    }

    private Recipe ppo(Ppo.Options other) {
        return new Recipe(usual, body, steps, dqnSteps, dqn, other, a2c, reinforce);
    }
}
