package io.pgfleet.agent.server;

import io.pgfleet.agent.NodeServerException;
import io.pgfleet.wire.client.Result;
import io.pgfleet.wire.scram.ScramVerifier;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Brings roles and databases of a primary to what the fleet says. Every step looks first, so that a
 * primary that has everything is not written to. Nothing is ever dropped.
 */
final class Provisioning {
  private static final Logger log = LoggerFactory.getLogger(Provisioning.class);

  /** For {@code pgfleet backup mark}. */
  private static final String MARK = "pg_catalog.pg_create_restore_point(text)";

  /** What pg_rewind calls on its source (PostgreSQL manual, 'pg_rewind', Notes). */
  private static final List<String> REWIND_FUNCTIONS =
      List.of(
          "pg_catalog.pg_ls_dir(text, boolean, boolean)",
          "pg_catalog.pg_stat_file(text, boolean)",
          "pg_catalog.pg_read_binary_file(text)",
          "pg_catalog.pg_read_binary_file(text, bigint, bigint, boolean)");

  private final LocalSession session;
  private final RolesAndDatabases wanted;

  Provisioning(LocalSession session, RolesAndDatabases wanted) {
    this.session = session;
    this.wanted = wanted;
  }

  void run() throws NodeServerException {
    // Nobody is told of these commits, and the next primary makes again what it lacks. So they
    // wait for no standby, of which there is none before the first primary has been provisioned.
    session.run("set synchronous_commit = local");
    try {
      bring();
    } finally {
      session.run("reset synchronous_commit");
    }
  }

  private void bring() throws NodeServerException {
    Accounts accounts = wanted.accounts();
    if (role(Accounts.REPLICATION, "login replication", accounts.replicationPassword())) {
      session.run("grant pg_monitor, pg_checkpoint to " + Accounts.REPLICATION);
      for (String function : REWIND_FUNCTIONS) {
        session.run("grant execute on function " + function + " to " + Accounts.REPLICATION);
      }
    }
    if (!exists(
        "select 1 where has_function_privilege('%s', $1, 'execute')"
            .formatted(Accounts.REPLICATION),
        MARK)) {
      session.run("grant execute on function " + MARK + " to " + Accounts.REPLICATION);
    }
    role(Accounts.GATEWAY, "login noinherit connection limit 64", accounts.gatewayPassword());
    if (!exists(
        "select 1 from pg_proc p join pg_namespace n on n.oid = p.pronamespace"
            + " where n.nspname = 'pgfleet' and p.proname = $1",
        "user_login")) {
      session.run(wanted.gatewaySchema());
    }
    for (RolesAndDatabases.User user : wanted.users()) {
      role(user.name(), user.superuser() ? "login superuser" : "login", user.password());
    }
    Set<String> present =
        session.run("select datname from pg_database").getLast().rows().stream()
            .map(row -> row.required("datname"))
            .collect(Collectors.toSet());
    for (RolesAndDatabases.Database database : wanted.databases()) {
      if (!present.contains(database.name())) {
        session.run(
            "create database " + quoted(database.name()) + " owner " + quoted(database.owner()));
        log.info("made database {}", database.name());
      }
    }
  }

  private boolean exists(String query, String parameter) throws NodeServerException {
    return !session.run(query, parameter).rows().isEmpty();
  }

  /** Makes a role, or gives it its password again if that was changed; true if it was made. */
  private boolean role(String name, String options, String password) throws NodeServerException {
    Result present = session.run("select rolpassword from pg_authid where rolname = $1", name);
    if (present.rows().isEmpty()) {
      session.run(
          "create role " + quoted(name) + " " + options + " password '" + verifier(password) + "'");
      log.info("made role {}", name);
      return true;
    }
    if (!opens(password, present.single())) {
      session.run("alter role " + quoted(name) + " password '" + verifier(password) + "'");
      log.info("gave role {} the password that the fleet has for it", name);
    }
    return false;
  }

  private static boolean opens(String password, @org.jspecify.annotations.Nullable String stored) {
    if (stored == null) {
      return false;
    }
    try {
      ScramVerifier verifier = ScramVerifier.parse(stored);
      return ScramVerifier.of(password, verifier.salt(), verifier.iterations()).equals(verifier);
    } catch (IllegalArgumentException e) {
      return false;
    }
  }

  /** The password itself never leaves this process, not even to the server's log. */
  private static String verifier(String password) {
    return ScramVerifier.fresh(password).text();
  }

  static String quoted(String identifier) {
    return '"' + identifier.replace("\"", "\"\"") + '"';
  }
}
