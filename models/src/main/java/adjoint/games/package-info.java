/// Agents that learn to play: tasks for one, games for two, and the algorithms.
///
/// Read first [adjoint.games.Environment] and [adjoint.games.CartPole], then [adjoint.games.VectorEnvironment], which steps many at
/// once. An [adjoint.games.Agent] learns in them: by the value of actions ([adjoint.games.Dqn]) or by changing what it does
/// ([adjoint.games.Reinforce], [adjoint.games.A2c], [adjoint.games.Ppo]), in the order in which they grew out of each other. What
/// it has learned is a [adjoint.games.Policy].
///
/// ```java
/// var agent = new Ppo(CartPole::new, init -> ActorCritic.of(new CartPole(), List.of(64, 64), init), new Ppo.Options(), 1);
/// agent.learn(100_000, event -> {});
/// System.out.println(agent.policy().returns(CartPole::new, 100, 7).mean()); // 500 is the most
/// ```
///
/// For two there are [adjoint.games.Game] and [adjoint.games.Position], a [adjoint.games.Player] who chooses moves, and a
/// [adjoint.games.Match] between two of them. [adjoint.games.SelfPlay] learns a game from its rules alone; how well, is judged by
/// [adjoint.games.PerfectPlayer] and [adjoint.games.ConnectFourSolver].
package adjoint.games;
