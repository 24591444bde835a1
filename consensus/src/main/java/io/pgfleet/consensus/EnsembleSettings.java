package io.pgfleet.consensus;

import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.Collections;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * An ensemble as each of its members must know it, and which of them this one is.
 *
 * @param number of this member; it never changes
 * @param members all, by number
 * @param shortestSession the shortest session timeout that will be asked for, from 1 s up: the tick
 *     is a quarter of it
 * @param tls with it nothing is in clear text, on any of the ports
 */
public record EnsembleSettings(
    int number, Map<Integer, Peer> members, Duration shortestSession, Optional<TlsFiles> tls) {
  private static final int MOST = 255;

  /**
   * A member's addresses. Each is a single one of its host.
   *
   * @param clients where clients connect
   * @param quorum where others follow it while it leads
   * @param election where members elect their leader
   */
  public record Peer(
      InetSocketAddress clients, InetSocketAddress quorum, InetSocketAddress election) {}

  /** Checks that this member is one of them. */
  public EnsembleSettings {
    members = Collections.unmodifiableMap(new TreeMap<>(members));
    if (!members.containsKey(number)) {
      throw new IllegalArgumentException("no member " + number + " among " + members.keySet());
    }
    if (members.keySet().stream().anyMatch(one -> one < 1 || one > MOST)) {
      throw new IllegalArgumentException("members are numbered from 1 to " + MOST);
    }
    EmbeddedConsensus.requireSession(shortestSession);
  }

  Peer self() {
    Peer self = members.get(number);
    if (self == null) {
      throw new IllegalStateException("no member " + number);
    }
    return self;
  }
}
