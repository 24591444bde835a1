package io.pgfleet.gateway.login;

import java.util.LinkedHashMap;
import java.util.Map;

/**
 * What the last login of each user has proved, in memory only, for logins of the same user that
 * prove nothing of use to a server (trust, peer, cert). Safe from any thread.
 */
public final class KeyRing {
  private static final int MOST_USERS = 10_000;

  private final Map<String, Credentials> byUser =
      new LinkedHashMap<>(16, 0.75f, true) {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<String, Credentials> eldest) {
          return size() > MOST_USERS;
        }
      };

  /** A user has proved its password. */
  public synchronized void learn(String user, Credentials credentials) {
    byUser.put(user, credentials);
  }

  /** The last of a user. */
  public synchronized Credentials of(String user) {
    return byUser.getOrDefault(user, new Credentials.None());
  }
}
