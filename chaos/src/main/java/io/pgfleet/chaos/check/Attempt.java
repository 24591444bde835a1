package io.pgfleet.chaos.check;

/**
 * One write that a client tried. A client never tries the same twice.
 *
 * @param client its name
 * @param sequence its number with that client, from 1
 * @param outcome what the client knows of it
 */
public record Attempt(String client, long sequence, Outcome outcome) {
  /** What a client knows of a write. */
  public enum Outcome {
    /** The server said that it is committed. */
    ACKNOWLEDGED,
    /** The server refused it, or it was never asked to commit. */
    FAILED,
    /** No answer came, or one that says that nobody knows. */
    UNKNOWN
  }

  /** Names the write among all of a run. */
  public WriteKey key() {
    return new WriteKey(client, sequence);
  }

  /** A write's name. */
  public record WriteKey(String client, long sequence) {
    @Override
    public String toString() {
      return client + "/" + sequence;
    }
  }
}
