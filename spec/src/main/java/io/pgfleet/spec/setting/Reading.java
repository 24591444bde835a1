package io.pgfleet.spec.setting;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/**
 * One reading of one text: collects all that is wrong with it, and which stretches of it are
 * secret. Used by one thread.
 */
public final class Reading {
  /** A stretch of the text, its end not included, that may not be shown. */
  public record Secret(Position from, Position to) {}

  private final Path folder;
  private final List<Problem> problems = new ArrayList<>();
  private final List<Secret> secrets = new ArrayList<>();

  /** A reading in which relative paths start from the folder. */
  public Reading(Path folder) {
    this.folder = folder;
  }

  /** The whole text, as the place where its top-level value stands. */
  public Place top() {
    return new Place(this, "", Position.START, Position.START, Optional.empty(), false);
  }

  /** What is wrong so far, in the order of the text. */
  public List<Problem> problems() {
    return problems.stream().sorted(Comparator.comparing(Problem::at)).toList();
  }

  /** The secret stretches found so far. */
  public List<Secret> secrets() {
    return List.copyOf(secrets);
  }

  Path folder() {
    return folder;
  }

  void add(Problem problem) {
    problems.add(problem);
  }

  void hide(Position from, Position to) {
    secrets.add(new Secret(from, to));
  }
}
