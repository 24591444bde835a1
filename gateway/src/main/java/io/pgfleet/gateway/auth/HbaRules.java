package io.pgfleet.gateway.auth;

import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** The rules for logins, the first that fits decides. Safe from any thread. */
public final class HbaRules {
  /** What holds if no rules are given. */
  static final String DEFAULT = "local all all scram-sha-256\nhost all all all scram-sha-256\n";

  private final List<HbaRule> rules;
  private final boolean needsRoles;
  private final OwnAddresses own = new OwnAddresses();

  HbaRules(List<HbaRule> rules) {
    this.rules = List.copyOf(rules);
    this.needsRoles = rules.stream().anyMatch(HbaRule::needsRoles);
  }

  /**
   * Reads the rules of a text.
   *
   * @param name of the file, for messages
   * @param folder where relative names of further files are looked for
   * @throws AuthFileException with all that is wrong
   */
  public static HbaRules parse(String name, String text, Optional<Path> folder)
      throws AuthFileException {
    return HbaParser.parse(name, text, folder);
  }

  public List<HbaRule> rules() {
    return rules;
  }

  /** Whether the roles of a user must be known before {@link #find}. */
  public boolean needsRoles() {
    return needsRoles;
  }

  /** The rule for an attempt, or nothing, which means that it is refused. */
  public Optional<HbaRule> find(Attempt attempt, Set<String> roles) {
    for (HbaRule rule : rules) {
      if (rule.fitsConnection(attempt, own) && rule.fitsNames(attempt, roles)) {
        return Optional.of(rule);
      }
    }
    return Optional.empty();
  }
}
