package io.pgfleet.agent;

import io.pgfleet.spec.NodeName;
import java.util.function.Consumer;

/** The way to the agents of the other nodes of the group, past the agreed state. */
@FunctionalInterface
public interface Peers {
  /** Nobody can be asked. */
  Peers NONE = (_, _, _) -> {};

  /**
   * Asks a node's agent and returns at once.
   *
   * @param answered is run with the answer, on any thread, at most once; not at all if there is
   *     none
   */
  void ask(NodeName node, AssentRequest request, Consumer<Assent> answered);
}
