package io.pgfleet.postgres;

import java.util.Optional;

/**
 * How a new data folder is made: always with UTF-8, data checksums and SCRAM.
 *
 * @param superuser the first role's name
 * @param password its password
 * @param locale of the libc provider, for example {@code de_DE.UTF-8}; without one the order is
 *     that of code points and letters are those of Unicode where the version and machine have that
 *     ({@code C.UTF-8}), which is the same on every machine
 */
public record Initialization(String superuser, String password, Optional<String> locale) {
  /** The role that PostgreSQL's tools expect. */
  public static final String POSTGRES = "postgres";

  public Initialization {
    if (password.isEmpty() || password.indexOf('\n') >= 0) {
      throw new IllegalArgumentException("the superuser's password must be one line, not empty");
    }
  }

  /** With the superuser {@code postgres} and the default locale. */
  public static Initialization withPassword(String password) {
    return new Initialization(POSTGRES, password, Optional.empty());
  }

  @Override
  public String toString() {
    return "Initialization[" + superuser + ", " + locale + "]";
  }
}
