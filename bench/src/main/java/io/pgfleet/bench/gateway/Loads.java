package io.pgfleet.bench.gateway;

import io.pgfleet.bench.client.ClientKeys;
import java.util.ArrayList;
import java.util.List;

/** All loads of {@code bench gateway}, and the choice among them. */
final class Loads {
  /** How often a transaction is written down. */
  private static final double SOME = 0.1;

  private static final double EACH = 1;
  private static final List<String> PROTOCOLS = List.of("simple", "extended", "prepared");

  private Loads() {}

  static List<Load> all(GatewaySettings settings, Pgbench pgbench, ClientKeys keys) {
    List<Load> loads = new ArrayList<>();
    for (int clients : settings.clients()) {
      for (String protocol : PROTOCOLS) {
        loads.add(
            new PgbenchLoad(
                "select-" + protocol + "-" + clients,
                "select, " + protocol + " protocol, " + clients + " clients",
                List.of("-S", "-M", protocol),
                clients,
                SOME,
                pgbench));
      }
    }
    for (int clients : settings.clients()) {
      for (String protocol : PROTOCOLS) {
        loads.add(
            new PgbenchLoad(
                "tpcb-" + protocol + "-" + clients,
                "TPC-B like, " + protocol + " protocol, " + clients + " clients",
                List.of("-b", "tpcb-like", "-M", protocol),
                clients,
                EACH,
                pgbench));
      }
    }
    int few = settings.clients().getFirst();
    loads.add(connect(settings, pgbench));
    loads.add(
        new PgbenchLoad(
            "tls-simple",
            "select, simple protocol, " + few + " clients, TLS to the peer",
            List.of("-S", "-M", "simple", Pgbench.TLS),
            few,
            SOME,
            pgbench));
    for (TransferLoad.Kind kind : TransferLoad.Kind.values()) {
      loads.add(new TransferLoad(kind, keys, pgbench.target().port()));
    }
    return loads;
  }

  /** A connection for each transaction. */
  static Load connect(GatewaySettings settings, Pgbench pgbench) {
    int few = settings.clients().getFirst();
    return new PgbenchLoad(
        "connect",
        "a connection for each select, " + few + " clients",
        List.of("-S", "-M", "simple", "-C"),
        few,
        EACH,
        pgbench);
  }

  /**
   * Those that are asked for: by their whole name, or by how it begins up to a hyphen.
   *
   * @param only nothing for all
   * @throws IllegalArgumentException for a name that fits none, with all that there are
   */
  static List<Load> chosen(List<Load> all, List<String> only) {
    for (String name : only) {
      if (all.stream().noneMatch(load -> fits(load, name))) {
        throw new IllegalArgumentException(
            "no load is called '"
                + name
                + "'; there are "
                + String.join(", ", all.stream().map(Load::id).toList()));
      }
    }
    return only.isEmpty()
        ? all
        : all.stream().filter(load -> only.stream().anyMatch(name -> fits(load, name))).toList();
  }

  private static boolean fits(Load load, String name) {
    return load.id().equals(name) || load.id().startsWith(name + "-");
  }
}
