package io.pgfleet.spec;

/** A PostgreSQL role that may log in. */
public record UserSpec(String name, boolean superuser, PasswordSource password) {
  /** Checks that it has a name. */
  public UserSpec {
    if (name.isBlank()) {
      throw new IllegalArgumentException("a user has a name");
    }
  }
}
