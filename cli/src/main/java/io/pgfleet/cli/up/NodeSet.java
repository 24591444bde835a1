package io.pgfleet.cli.up;

import io.pgfleet.agent.server.Accounts;
import io.pgfleet.agent.server.NodePlace;
import io.pgfleet.agent.server.RolesAndDatabases;
import io.pgfleet.cli.archive.RepositoryOrigin;
import io.pgfleet.cli.fleet.CommandFailure;
import io.pgfleet.cli.fleet.FleetChoice.Fleet;
import io.pgfleet.cli.fleet.FleetHome;
import io.pgfleet.cli.fleet.Folders;
import io.pgfleet.gateway.GatewaySchema;
import io.pgfleet.postgres.Server;
import io.pgfleet.postgres.ServerTls;
import io.pgfleet.postgres.host.Secrets;
import io.pgfleet.postgres.host.ServerUser;
import io.pgfleet.postgres.install.EmbeddedBinaries;
import io.pgfleet.postgres.install.Installation;
import io.pgfleet.postgres.install.InstalledPostgres;
import io.pgfleet.spec.FleetSpec;
import io.pgfleet.spec.GroupSpec;
import io.pgfleet.spec.NodeSpec;
import io.pgfleet.spec.PasswordSource;
import io.pgfleet.spec.PostgresSpec;
import io.pgfleet.spec.UserSpec;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;

/**
 * The servers of a fleet on this machine, and the passwords of all that log in to them.
 *
 * @param user whom the servers run as
 * @param passwords by user of fleet.yaml
 */
record NodeSet(
    Installation installation,
    ServerUser user,
    Accounts accounts,
    Map<String, String> passwords,
    List<NodePlace> places) {

  /** Finds the programs, reads or makes the passwords, and names the servers. Starts nothing. */
  static NodeSet prepare(Fleet fleet, Folders folders) {
    FleetSpec spec = fleet.spec();
    ServerUser user = ServerUser.resolve(spec.runAs());
    Installation installation =
        switch (spec.postgres().source()) {
          case PostgresSpec.Embedded(int version) -> embedded(version, folders.cache(), user);
          case PostgresSpec.Installed(Path path) -> InstalledPostgres.at(path);
        };
    FleetHome home = fleet.record().home();
    Optional<ServerTls> tls = HostTls.of(fleet).map(HostTls::forServer);
    Secrets secrets = new Secrets(home.secrets());
    Accounts accounts =
        new Accounts(
            secrets.getOrCreate("role.postgres"),
            secrets.getOrCreate("role." + Accounts.REPLICATION),
            secrets.getOrCreate("role." + Accounts.GATEWAY));
    Map<String, String> passwords = new LinkedHashMap<>();
    for (UserSpec wanted : spec.users()) {
      passwords.put(wanted.name(), password(wanted, secrets));
    }
    RolesAndDatabases wanted =
        new RolesAndDatabases(
            accounts,
            spec.users().stream()
                .map(one ->
                    new RolesAndDatabases.User(
                        one.name(),
                        one.superuser(),
                        Objects.requireNonNull(passwords.get(one.name()))))
                .toList(),
            spec.databases().stream()
                .map(one -> new RolesAndDatabases.Database(one.name(), one.owner()))
                .toList(),
            GatewaySchema.sql());
    List<NodePlace> places = new ArrayList<>();
    for (GroupSpec group : spec.groups()) {
      for (NodeSpec node : group.nodes()) {
        Path data = node.data().orElseGet(() -> home.nodeData(node.name()));
        places.add(
            new NodePlace(
                node,
                group,
                new Server(installation, data, user),
                spec.postgres().settings(),
                wanted,
                tls,
                spec.backup(),
                RepositoryOrigin.of(spec)));
      }
    }
    return new NodeSet(installation, user, accounts, passwords, places);
  }

  private static Installation embedded(int version, Path cache, ServerUser user) {
    Installation unpacked = EmbeddedBinaries.unpack(cache.resolve("postgresql"), user);
    if (unpacked.majorVersion() != version) {
      throw new CommandFailure(
          CommandFailure.USAGE,
          "PostgreSQL "
              + version
              + " is wanted, but this program brings "
              + unpacked.version()
              + " along",
          "set postgres.version to "
              + unpacked.majorVersion()
              + ", or postgres.path to an installed PostgreSQL "
              + version);
    }
    return unpacked;
  }

  static String password(UserSpec user, Secrets secrets) {
    return switch (user.password()) {
      case PasswordSource.Generated() -> secrets.getOrCreate("user." + user.name());
      case PasswordSource.FromEnvironment(String variable) ->
          Optional.ofNullable(System.getenv(variable))
              .filter(value -> !value.isEmpty())
              .orElseThrow(() ->
                  new CommandFailure(
                      CommandFailure.USAGE,
                      "the password of user "
                          + user.name()
                          + " should come from the environment variable "
                          + variable
                          + ", which is not set",
                      "export " + variable + " and start again"));
      case PasswordSource.FromFile(Path path) -> firstLine(path, user);
    };
  }

  private static String firstLine(Path path, UserSpec user) {
    try (var lines = Files.lines(path)) {
      return lines
          .findFirst()
          .filter(line -> !line.isEmpty())
          .orElseThrow(() -> new IOException("its first line is empty"));
    } catch (IOException e) {
      throw new CommandFailure(
          CommandFailure.USAGE,
          "the password of user "
              + user.name()
              + " can't be read from "
              + path
              + ": "
              + e.getMessage(),
          "put it on the first line of that file");
    }
  }
}
