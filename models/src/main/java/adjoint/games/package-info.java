/// Agents that learn to play: tasks for one, games for two, and the algorithms.
package adjoint.games;
