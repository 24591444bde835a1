package io.pgfleet.cli.up;

import io.pgfleet.cli.fleet.CommandFailure;
import io.pgfleet.cli.fleet.FleetHome;
import io.pgfleet.postgres.host.Secrets;
import io.pgfleet.spec.DatabaseSpec;
import io.pgfleet.spec.FleetSpec;
import io.pgfleet.spec.HostPort;
import io.pgfleet.wire.client.ConnectSettings;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * How an application connects through the gateway.
 *
 * @param database of fleet.yaml
 * @param user its owner
 */
public record Connections(HostPort gateway, String database, String user, String password) {
  /** One for each database of the fleet. */
  static List<Connections> of(FleetSpec spec, Map<String, String> passwords) {
    return spec.databases().stream()
        .map(database ->
            new Connections(
                reachable(spec.gateway().address()),
                database.name(),
                database.owner(),
                String.valueOf(passwords.get(database.owner()))))
        .toList();
  }

  /** The same from the files of a fleet, whether it runs or not. */
  public static List<Connections> of(FleetSpec spec, FleetHome home) {
    Map<String, String> passwords = new HashMap<>();
    Secrets secrets = new Secrets(home.secrets());
    for (DatabaseSpec database : spec.databases()) {
      spec.users().stream()
          .filter(user -> user.name().equals(database.owner()))
          .forEach(user -> passwords.put(user.name(), NodeSet.password(user, secrets)));
    }
    return of(spec, passwords);
  }

  /** An address that listens everywhere is reached through this machine's own. */
  private static HostPort reachable(HostPort address) {
    return switch (address.host()) {
      case "0.0.0.0" -> new HostPort("127.0.0.1", address.port());
      case "::" -> new HostPort("::1", address.port());
      default -> address;
    };
  }

  /** Picks the one for a database, or the first. */
  public static Connections pick(List<Connections> all, Optional<String> database) {
    if (all.isEmpty()) {
      throw new CommandFailure(
          CommandFailure.USAGE, "the fleet has no database", "add one under databases:");
    }
    return database
        .map(name ->
            all.stream()
                .filter(one -> one.database().equals(name))
                .findFirst()
                .orElse(
                    new Connections(
                        all.getFirst().gateway(),
                        name,
                        all.getFirst().user(),
                        all.getFirst().password())))
        .orElse(all.getFirst());
  }

  /** A connection string for libpq (PostgreSQL manual, 'Connection URIs'). */
  public String uri() {
    return "postgresql://%s:%s@%s/%s"
        .formatted(escape(user), escape(password), gateway, escape(database));
  }

  /** For our own client. */
  public ConnectSettings settings() {
    return ConnectSettings.of(gateway.host(), gateway.port(), database, user)
        .withPassword(password);
  }

  /** A connection string for pgJDBC. */
  public String jdbc() {
    return "jdbc:postgresql://%s/%s?user=%s&password=%s"
        .formatted(gateway, escape(database), escape(user), escape(password));
  }

  private static String escape(String text) {
    return URLEncoder.encode(text, StandardCharsets.UTF_8).replace("+", "%20");
  }

  @Override
  public String toString() {
    return "Connections[" + user + "@" + gateway + "/" + database + "]";
  }
}
