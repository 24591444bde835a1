package io.pgfleet.gateway;

import java.util.Set;

/**
 * Whether clients may make their commits wait for less than the fleet wants.
 *
 * @param guarded whether commits wait for standbys, so that lowering {@code synchronous_commit} is
 *     refused
 * @param asyncCommitUsers who may lower it all the same
 */
public record CommitRules(boolean guarded, Set<String> asyncCommitUsers) {
  /** Everybody may. */
  public static final CommitRules NONE = new CommitRules(false, Set.of());

  public CommitRules {
    asyncCommitUsers = Set.copyOf(asyncCommitUsers);
  }

  boolean refuses(String user) {
    return guarded && !asyncCommitUsers.contains(user);
  }
}
