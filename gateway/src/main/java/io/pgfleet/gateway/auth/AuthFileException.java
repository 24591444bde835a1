package io.pgfleet.gateway.auth;

import java.io.IOException;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Collectors;

/** Files of rules that can't be used, with all that is wrong in them. */
public final class AuthFileException extends IOException {
  private static final long serialVersionUID = 1L;

  @SuppressWarnings("serial") // a list of records, never sent anywhere
  private final List<AuthProblem> problems;

  AuthFileException(List<AuthProblem> problems) {
    super(sorted(problems).stream().map(AuthProblem::toString).collect(Collectors.joining("\n")));
    this.problems = sorted(problems);
  }

  private static List<AuthProblem> sorted(List<AuthProblem> problems) {
    return problems.stream()
        .sorted(
            Comparator.comparing(AuthProblem::file)
                .thenComparingInt(AuthProblem::line)
                .thenComparingInt(AuthProblem::column))
        .toList();
  }

  /** All of them, in the order of the file. */
  public List<AuthProblem> problems() {
    return problems;
  }
}
