package io.pgfleet.migrate.haproxy;

import io.pgfleet.migrate.haproxy.HaproxyText.Line;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/** A section of a haproxy.cfg with its lines, and whether it has to do with PostgreSQL. */
final class ProxySection {
  private static final Set<Integer> POSTGRES_PORTS = Set.of(5432, 5433, 5434, 6432, 6433);

  final String kind;
  final String name;
  final int line;
  final List<Line> lines = new ArrayList<>();

  ProxySection(String kind, String name, int line) {
    this.kind = kind;
    this.name = name;
    this.line = line;
  }

  boolean isProxy() {
    return kind.equals("listen") || kind.equals("frontend") || kind.equals("backend");
  }

  String title() {
    return name.isEmpty() ? kind : kind + " " + name;
  }

  /** The mode that the section says, or the one of defaults. */
  String mode(String usual) {
    return lines.stream()
        .filter(found -> found.first().equals("mode"))
        .map(found -> found.word(1))
        .findFirst()
        .orElse(usual);
  }

  /** Health checks, ports and names tell PostgreSQL from other things. */
  boolean isPostgres(String usualMode) {
    if (!isProxy() || !mode(usualMode).equals("tcp")) {
      return false;
    }
    boolean checks =
        lines.stream()
            .anyMatch(found ->
                found.first().equals("option")
                    && (found.word(1).equals("pgsql-check") || found.word(1).equals("httpchk")));
    boolean ports =
        lines.stream()
            .filter(found -> found.first().equals("bind") || found.first().equals("server"))
            .anyMatch(found ->
                POSTGRES_PORTS.contains(port(found.word(found.first().equals("bind") ? 1 : 2))));
    boolean named = name.matches("(?i).*(pg|postgres|patroni|primary|replica|standby|bouncer).*");
    return ports || (checks && named) || named;
  }

  /** The port of an address; 0 if it has none. */
  static int port(String address) {
    int colon = address.lastIndexOf(':');
    String port = colon < 0 ? "" : address.substring(colon + 1);
    return port.matches("\\d{1,5}") ? Integer.parseInt(port) : 0;
  }

  /** The host of an address, for all addresses of the machine 0.0.0.0. */
  static String host(String address) {
    int colon = address.lastIndexOf(':');
    String host = colon < 0 ? address : address.substring(0, colon);
    host = host.replaceFirst("^(ipv4|ipv6)@", "").replaceAll("[\\[\\]]", "");
    return host.isEmpty() || host.equals("*") ? "0.0.0.0" : host;
  }
}
