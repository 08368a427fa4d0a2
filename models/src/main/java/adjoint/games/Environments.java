package adjoint.games;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.SequencedMap;
import java.util.function.Supplier;

/// The environments that come with Adjoint.
public final class Environments {
    private Environments() {}

    /// Each by its short name, in its usual form: `cart-pole`, `mountain-car`, `acrobot`, `pendulum`, `frozen-lake` (slippery), `snake`,
    /// `breakout` (with MinAtar's share of sticky actions).
    public static SequencedMap<String, Supplier<Environment>> byName() {
        var all = new LinkedHashMap<String, Supplier<Environment>>();
        all.put("cart-pole", CartPole::new);
        all.put("mountain-car", MountainCar::new);
        all.put("acrobot", Acrobot::new);
        all.put("pendulum", Pendulum::new);
        all.put("frozen-lake", () -> GridWorld.frozenLake(true));
        all.put("snake", Snake::new);
        all.put("breakout", () -> new Breakout(0.1));
        return Collections.unmodifiableSequencedMap(all);
    }
}
