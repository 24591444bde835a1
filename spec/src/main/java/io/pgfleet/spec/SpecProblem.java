package io.pgfleet.spec;

import java.nio.file.Path;
import java.util.Optional;

/**
 * One thing wrong in a {@code fleet.yaml}.
 *
 * @param file as it was named by the user
 * @param line counted from 1; 0 if the file as a whole is meant
 * @param column counted from 1 in characters; 0 if the file as a whole is meant
 * @param path the key's path, such as {@code gateway.port}; empty if no key is meant
 * @param message what is wrong, in one sentence
 * @param hint what to do about it
 * @param source the offending line, with secrets blotted out; empty if there is none
 */
public record SpecProblem(
    Path file,
    int line,
    int column,
    String path,
    String message,
    Optional<String> hint,
    String source) {

  /**
   * The problem for a terminal: {@code file:line:column: path: message}, the hint below it, and the
   * offending line with a caret under the column.
   */
  public String text() {
    StringBuilder text = new StringBuilder(file.toString());
    if (line > 0) {
      text.append(':').append(line).append(':').append(column);
    }
    text.append(": ");
    if (!path.isEmpty()) {
      text.append(path).append(": ");
    }
    text.append(message);
    hint.ifPresent(words -> text.append("\n  ").append(words));
    if (line > 0 && !source.isBlank()) {
      String number = Integer.toString(line);
      text.append("\n  ").append(number).append(" | ").append(source);
      text.append("\n  ").repeat(' ', number.length()).append(" | ");
      text.repeat(' ', column - 1).append('^');
    }
    return text.toString();
  }
}
