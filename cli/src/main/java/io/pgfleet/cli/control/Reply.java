package io.pgfleet.cli.control;

import java.util.Optional;

/**
 * One line of the running program's answer. Progress may come any number of times, then one of the
 * others ends it.
 *
 * @param progress a step that was taken
 * @param status the answer to a question about the status
 * @param text the answer to other questions
 * @param error why it failed, with {@code hint}
 * @param done whether the answer ends here
 */
public record Reply(
    Optional<String> progress,
    Optional<StatusReport> status,
    Optional<String> text,
    Optional<String> error,
    Optional<String> hint,
    boolean done) {
  public static Reply progress(String step) {
    return new Reply(
        Optional.of(step),
        Optional.empty(),
        Optional.empty(),
        Optional.empty(),
        Optional.empty(),
        false);
  }

  public static Reply status(StatusReport report) {
    return new Reply(
        Optional.empty(),
        Optional.of(report),
        Optional.empty(),
        Optional.empty(),
        Optional.empty(),
        true);
  }

  public static Reply text(String text) {
    return new Reply(
        Optional.empty(),
        Optional.empty(),
        Optional.of(text),
        Optional.empty(),
        Optional.empty(),
        true);
  }

  public static Reply error(String message, String hint) {
    return new Reply(
        Optional.empty(),
        Optional.empty(),
        Optional.empty(),
        Optional.of(message),
        Optional.of(hint),
        true);
  }
}
