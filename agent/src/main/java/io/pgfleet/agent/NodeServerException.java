package io.pgfleet.agent;

/**
 * A server that could not be observed or changed. Its message is one sentence for people; the agent
 * shows it in the status, and tries again.
 */
public final class NodeServerException extends Exception {
  private static final long serialVersionUID = 1L;

  public NodeServerException(String message) {
    super(message);
  }

  public NodeServerException(String message, Throwable cause) {
    super(message, cause);
  }
}
