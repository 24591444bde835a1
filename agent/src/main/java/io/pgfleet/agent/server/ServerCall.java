package io.pgfleet.agent.server;

import io.pgfleet.agent.NodeServerException;
import io.pgfleet.postgres.host.ServerException;

/** Something done to a node's server, whose failure is told to the agent in one sentence. */
final class ServerCall {
  private ServerCall() {}

  /** Without an answer. */
  interface Step {
    void run() throws NodeServerException;
  }

  /** With an answer. */
  interface Question<T> {
    T ask() throws NodeServerException;
  }

  static void run(Step step) throws NodeServerException {
    ask(() -> {
      step.run();
      return true;
    });
  }

  static <T> T ask(Question<T> question) throws NodeServerException {
    try {
      return question.ask();
    } catch (ServerException e) {
      throw new NodeServerException(e.getMessage() + " " + e.remedy(), e);
    }
  }
}
