package io.pgfleet.agent;

import io.pgfleet.agent.decide.Action;
import io.pgfleet.agent.decide.LocalServer;
import io.pgfleet.spec.NodeName;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Logs what an agent is about to do, each thing once until it does another. */
final class ActionLog {
  private static final Logger log = LoggerFactory.getLogger(ActionLog.class);

  private final NodeName me;
  private String last = "";

  ActionLog(NodeName me) {
    this.me = me;
  }

  void say(Action action) {
    String words =
        switch (action) {
          case Action.Await(String why) -> "waits " + why;
          case Action.Expect() -> "waits for the primary to give way";
          case Action.Lead(var state) -> "leads term " + state.term();
          case Action.Follow(var primary, var source) ->
              "follows " + source.node() + " in term " + primary.term();
          case Action.Join(_, var source, LocalServer.Standby _, _) -> "joins " + source.node();
          case Action.Clone(var source) -> "copies the data of " + source.node();
          default -> action.toString();
        };
    if (!words.equals(last)) {
      last = words;
      log.info("{} {}", me, words);
    }
  }
}
