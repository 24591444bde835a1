package io.pgfleet.gateway.login;

import java.util.Set;

/**
 * What the primary says of a user.
 *
 * @param exists and may log in
 * @param secret what a password is checked against
 * @param roles that it is a member of, directly or not, itself among them
 * @param iterations that the server gives to new verifiers
 */
public record Account(boolean exists, Secret secret, Set<String> roles, int iterations) {
  public Account {
    roles = Set.copyOf(roles);
  }
}
