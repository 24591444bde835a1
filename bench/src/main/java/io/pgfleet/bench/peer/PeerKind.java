package io.pgfleet.bench.peer;

import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;

/** A way from clients to a server. */
public enum PeerKind {
  /** Nothing in between. */
  DIRECT,
  /** PgBouncer with transaction pooling. */
  PGBOUNCER,
  /** HAProxy in TCP mode before that PgBouncer. */
  HAPROXY,
  /** Pgpool-II in raw mode, without load balancing. */
  PGPOOL,
  /** pgfleet's gateway as a process of its own. */
  GATEWAY,
  /** The gateway within {@code pgfleet up}. */
  UP;

  /** Its name on the command line. */
  public String key() {
    return name().toLowerCase(Locale.ROOT);
  }

  /**
   * Kinds by their names on the command line.
   *
   * @throws IllegalArgumentException for a name that is none, with all that are
   */
  public static List<PeerKind> parse(List<String> names) {
    return names.stream()
        .map(name ->
            Stream.of(values())
                .filter(kind -> kind.key().equals(name))
                .findFirst()
                .orElseThrow(() ->
                    new IllegalArgumentException(
                        "no peer is called '"
                            + name
                            + "'; there are "
                            + String.join(", ", Stream.of(values()).map(PeerKind::key).toList()))))
        .distinct()
        .sorted()
        .toList();
  }
}
