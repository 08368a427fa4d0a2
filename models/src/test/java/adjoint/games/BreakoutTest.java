package adjoint.games;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

class BreakoutTest {
    /// Where MinAtar 1.0.15's ball was (column, row) when it was played these actions: 20 bricks fall, and 4 times the ball
    /// comes in at the paddle's side.
    @Test
    void anEpisodeIsMinAtars() {
        String actions = "1102222222011111111102222222220111111111022222222201111111110222222222011111111102222222220111111111"
 + "0222222222011111111122011022222222210201111111110222222222011111111102222222220111111111222201111022"
 + "2222222011111111122201110222222222011111";
        String ball = "1425364758687786959484756657483827160504142536475868778695948373645546372818070615243445566778889796"
 + "8574645546372818070615243343546576879898877665544435261708081726354454657687989887766554433324150607"
 + "1828374655647485969788786756453424150607182817060514233242536475869798889796857463534435261708081726"
 + "3544536374859697887867564534231304051627384857667584949586776858473625140405162738483726150403122233"
 + "44556677889897867564534232231405061728382716050413233445566778889796857463524130";
        var breakout = new Breakout();
        breakout.reset(new Chance(firstSeedFromTheLeft()));
        var seen = new StringBuilder();
        double sum = 0;
        for (char action : actions.toCharArray()) {
            sum += breakout.step(action - '0').reward();
            seen.append(ball(breakout));
        }
        assertThat(seen).hasToString(ball);
        assertThat(sum).isEqualTo(20);
    }

    private static int firstSeedFromTheLeft() {
        var breakout = new Breakout();
        int seed = -1;
        do {
            breakout.reset(new Chance(++seed));
        } while (!ball(breakout).equals("03"));
        return seed;
    }

    // The column and row of the ball.
    private static String ball(Breakout breakout) {
        float[] observed = Episodes.observed(breakout);
        int field = 0;
        while (observed[4 * field + 1] == 0) {
            field++;
        }
        return "" + field % 10 + field / 10;
    }

    @Test
    void whatIsObserved() {
        var breakout = new Breakout();
        breakout.set(0, 3, 1, 1);
        breakout.step(2);
        float[] expected = new float[400];
        expected[(90 + 5) * 4] = 1;
        expected[41 * 4 + 1] = 1;
        expected[30 * 4 + 2] = 1;
        for (int field = 10; field < 40; field++) {
            expected[field * 4 + 3] = 1;
        }
        assertThat(Episodes.observed(breakout)).containsExactly(expected);
    }

    /// As in MinAtar: of two bricks that follow at once the ball breaks one and flies through the other.
    @Test
    void noTwoBricksBreakInARow() {
        var breakout = new Breakout();
        breakout.set(4, 2, 1, -1);
        assertThat(breakout.step(0).reward()).isEqualTo(1);
        assertThat(breakout.step(0).reward()).isZero();
        assertThat(ball(breakout)).isEqualTo("63");
    }

    @Test
    void aMissedBallEndsIt() {
        var breakout = new Breakout();
        breakout.set(0, 8, 1, 1);
        assertThat(breakout.step(0)).isEqualTo(new Environment.Outcome(0, true));
        assertThat(breakout.step(0)).isEqualTo(new Environment.Outcome(0, true));
        assertThat(ball(breakout)).isEqualTo("19");
    }

    /// 84 of 30 bricks each: the wall was built again twice.
    @Test
    void theForesightedPlayerNeverMissesTheGreedyOneOftenAndARandomOneSoon() {
        var breakout = new Breakout();
        var random = new Chance(1);
        assertThat(Episodes.meanReturn(breakout, breakout::foresighted, 10)).isEqualTo(84);
        var sticky = new Breakout(0.1);
        assertThat(Episodes.meanReturn(sticky, sticky::greedy, 100)).isBetween(4.0, 15.0);
        assertThat(Episodes.meanReturn(sticky, sticky::foresighted, 30)).isBetween(60.0, 84.0);
        assertThat(Episodes.meanReturn(breakout, () -> random.nextInt(3), 300)).isBetween(0.2, 0.8);
    }

    /// Of 2000 steps to the right, each after one to the left, the share that goes left again has a standard deviation of 0.01.
    @Test
    void stickyActionsAreDoneAgain() {
        var breakout = new Breakout(0.25);
        int again = 0;
        for (int i = 0; i < 2000; i++) {
            breakout.reset(Chance.of(3, i));
            breakout.step(1);
            int before = paddle(breakout);
            breakout.step(2);
            again += before == 3 && paddle(breakout) == 2 ? 1 : 0;
        }
        // The first goes left unless none, the action before the first, is done again.
        assertThat(again / 2000.0).isBetween(0.25 * 0.75 - 0.04, 0.25 * 0.75 + 0.04);
        assertThatThrownBy(() -> new Breakout(Double.NaN)).hasMessageContaining("between 0 and 1");
    }

    private static int paddle(Breakout breakout) {
        return breakout.text().lines().toList().getLast().indexOf('=') / 2;
    }
}
