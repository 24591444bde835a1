package io.pgfleet.postgres;

import io.pgfleet.postgres.data.DataFolder;
import io.pgfleet.postgres.host.Commands;
import io.pgfleet.postgres.host.ServerException;
import io.pgfleet.postgres.host.ServerException.Kind;
import io.pgfleet.postgres.host.ServerUser;
import io.pgfleet.postgres.install.Installation;
import java.io.IOException;
import java.time.Duration;
import java.util.List;

/** A server without clients (PostgreSQL manual, 'postgres', Single-User Mode). */
record SingleUser(Installation installation, DataFolder data, ServerUser user) {
  private static final Duration LIMIT = Duration.ofMinutes(10);

  /**
   * Runs statements, each in one line, until one fails.
   *
   * @throws ServerException if one does, with the server's own words
   */
  void run(String database, List<String> statements) throws IOException {
    if (statements.stream().anyMatch(statement -> statement.indexOf('\n') >= 0)) {
      throw new IllegalArgumentException("a statement of several lines");
    }
    List<String> command =
        List.of(
            installation.program("postgres").toString(),
            "--single",
            "-D",
            data.path().toString(),
            "-c",
            "exit_on_error=on",
            "-c",
            "log_statement=none",
            database);
    Commands.Result result =
        Commands.run(user.command(command), String.join("\n", statements) + "\n", LIMIT);
    if (!result.succeeded()) {
      throw new ServerException(
          Kind.FAILED,
          "What was to be done in the data of "
              + data.path()
              + " failed: "
              + ServerLog.reason(result.output().lines().toList()).orElse(result.output())
              + ".",
          "The data is as it was before that statement.");
    }
  }
}
