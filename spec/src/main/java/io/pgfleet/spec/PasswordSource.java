package io.pgfleet.spec;

import java.nio.file.Path;

/**
 * Where a user's password comes from. The password itself never stands in {@code fleet.yaml}, and
 * neither the variable nor the file is looked at before the password is needed.
 */
public sealed interface PasswordSource {
  /** Made by pgfleet at random and kept in a file that only its owner may read. */
  record Generated() implements PasswordSource {}

  /** The value of an environment variable of the process that creates the user. */
  record FromEnvironment(String variable) implements PasswordSource {
    /** Checks that a variable is named. */
    public FromEnvironment {
      if (variable.isBlank()) {
        throw new IllegalArgumentException("no environment variable named");
      }
    }
  }

  /** The first line of a file. The path is absolute. */
  record FromFile(Path path) implements PasswordSource {}
}
