package io.pgfleet.gateway.auth;

/**
 * One thing wrong in a file of rules.
 *
 * @param file as it was named
 * @param line from 1
 * @param column in characters, from 1
 * @param message what is wrong
 * @param hint what to do about it; may be empty
 */
public record AuthProblem(String file, int line, int column, String message, String hint) {
  @Override
  public String toString() {
    String where = line == 0 ? file : file + ":" + line + ":" + column;
    return where + ": " + message + (hint.isEmpty() ? "" : ". " + hint);
  }
}
