package io.pgfleet.cli.up;

import io.pgfleet.cli.fleet.CommandFailure;
import io.pgfleet.cli.fleet.FleetChoice.Fleet;
import io.pgfleet.cli.sql.ShellException;
import io.pgfleet.cli.sql.SqlScript;
import io.pgfleet.spec.DatabaseSpec;
import io.pgfleet.wire.client.ConnectSettings;
import io.pgfleet.wire.client.Connection;
import io.pgfleet.wire.client.PostgresException;
import java.io.IOException;
import java.io.Writer;
import java.nio.file.Path;
import java.util.function.Consumer;
import java.util.function.Function;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Runs the {@code init:} files of databases, each once: the file and the note that it has run are
 * one transaction, so that a start that was cut short goes on where it was.
 */
final class FirstData {
  private static final Logger log = LoggerFactory.getLogger(FirstData.class);

  private static final String NOTES =
      """
      create schema if not exists pgfleet;
      create table if not exists pgfleet.init_file (
        name text primary key,
        ran_at timestamptz not null default now());
      """;

  private final Fleet fleet;
  private final Function<DatabaseSpec, ConnectSettings> connections;
  private final Consumer<String> steps;

  /**
   * The first data of a fleet.
   *
   * @param connections how to connect to a database as its owner
   * @param steps told what it is busy with
   */
  FirstData(
      Fleet fleet, Function<DatabaseSpec, ConnectSettings> connections, Consumer<String> steps) {
    this.fleet = fleet;
    this.connections = connections;
    this.steps = steps;
  }

  /** Through the gateway of a program that has all roles. */
  static FirstData through(Fleet fleet, FleetProgram program) {
    return new FirstData(
        fleet,
        database ->
            Connections.of(fleet.spec(), program.nodes().passwords()).stream()
                .filter(one -> one.database().equals(database.name()))
                .findFirst()
                .orElseThrow()
                .settings(),
        program::step);
  }

  void run() {
    for (DatabaseSpec database : fleet.spec().databases()) {
      if (!database.init().isEmpty()) {
        fill(database);
      }
    }
  }

  private void fill(DatabaseSpec database) {
    ConnectSettings settings =
        connections.apply(database).withParameter("application_name", "pgfleet init");
    try (Connection connection = Connection.open(settings)) {
      if (connection.query("select to_regclass('pgfleet.init_file')").getLast().single() == null) {
        connection.query(NOTES);
      }
      for (Path file : database.init()) {
        runOnce(connection, database, file);
      }
    } catch (IOException | PostgresException e) {
      throw new CommandFailure(
          "database " + database.name() + " can't be filled: " + e.getMessage(),
          "start again; what was not finished is run again");
    }
  }

  private void runOnce(Connection connection, DatabaseSpec database, Path file)
      throws IOException, PostgresException {
    String name = String.valueOf(file.getFileName());
    boolean ran =
        !connection.query("select 1 from pgfleet.init_file where name = $1", name).rows().isEmpty();
    if (ran) {
      return;
    }
    steps.accept("running " + name + " in " + database.name());
    try {
      connection.query("begin");
      SqlScript.run(file, connection, Writer.nullWriter());
      connection.query("insert into pgfleet.init_file (name) values ($1)", name);
      connection.query("commit");
      log.info("ran {} in database {}", file, database.name());
    } catch (ShellException e) {
      if (!connection.isBroken()) {
        connection.query("rollback");
      }
      throw new CommandFailure(
          "database " + database.name() + " can't be filled: " + e.getMessage(),
          "mend " + file + " and start again; nothing of it was kept");
    }
  }
}
