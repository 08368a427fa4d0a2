package adjoint.games;

import adjoint.tensor.Shape;

/// A game for two who move in turns and see everything, of at most 64 different moves.
///
/// ```java
/// Position position = new ConnectFour().start();
/// while (!position.isOver()) {
///     position = position.play(player.move(position));
/// }
/// ```
public interface Game {
    /// Its name: `connect-four`.
    String name();

    /// How many moves there are; each is a number below that, whatever the position.
    int moves();

    /// The shape of what a network sees of a position: `[H, W, C]`.
    Shape planes();

    /// The first position.
    Position start();

    /// In how many ways the board can be turned and mirrored without changing the game; number 0 leaves it as it is.
    int symmetries();

    /// Where a move goes if the board is turned by a symmetry: with `s` in place of `symmetry`,
    /// `position.play(m).turned(s)` equals `position.turned(s).play(game.turned(m, s))`.
    int turned(int move, int symmetry);

    /// A move in words: `d`, `c4`, `pass`.
    String describe(int move);
}
