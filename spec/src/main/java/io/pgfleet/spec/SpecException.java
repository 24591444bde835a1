package io.pgfleet.spec;

import java.util.List;
import java.util.stream.Collectors;

/** All that is wrong with a {@code fleet.yaml}; its message is the text of every problem. */
public final class SpecException extends Exception {
  private static final long serialVersionUID = 1L;

  private final transient List<SpecProblem> problems;

  SpecException(List<SpecProblem> problems) {
    super(problems.stream().map(SpecProblem::text).collect(Collectors.joining("\n")));
    this.problems = List.copyOf(problems);
  }

  /** The problems in the order of the file, at least one. */
  public List<SpecProblem> problems() {
    return problems;
  }
}
