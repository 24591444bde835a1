package io.pgfleet.cli.archive;

import io.pgfleet.backup.BackupException;
import io.pgfleet.backup.BackupException.Kind;
import io.pgfleet.backup.sealed.UserKey;
import io.pgfleet.postgres.host.Commands;
import io.pgfleet.spec.BackupSpec.KeySource;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;

/** Fetches the key of the repositories, and other secrets of theirs, from where fleet.yaml says. */
public final class RepositoryKeys {
  private static final Duration LIMIT = Duration.ofSeconds(30);

  private RepositoryKeys() {}

  /**
   * The key.
   *
   * @throws BackupException if it is not there, or is no key; what was found is not shown
   */
  static UserKey fetch(KeySource source) {
    return fetch(source, "backup.key");
  }

  /**
   * The same of a place that is not that of fleet.yaml.
   *
   * @param option that names it
   */
  public static UserKey fetch(KeySource source, String option) {
    return switch (source) {
      case KeySource.FromEnvironment(String variable) ->
          UserKey.parse(
              variable(variable, "the key of the repositories"),
              "the environment variable " + variable);
      case KeySource.FromFile(Path path) ->
          UserKey.parse(firstLine(path, "The key of the repositories"), path.toString());
      case KeySource.FromCommand(String command) ->
          UserKey.parse(output(command, option), "the command of " + option);
    };
  }

  static String variable(String name, String what) {
    String value = System.getenv(name);
    if (value == null || value.isBlank()) {
      throw new BackupException(
          Kind.KEY,
          "The environment variable " + name + ", which should hold " + what + ", is not set.",
          "Export " + name + " for each program of the fleet that backs up or restores.");
    }
    return value;
  }

  static String firstLine(Path path, String what) {
    try (var lines = Files.lines(path)) {
      return lines.findFirst().orElse("");
    } catch (IOException | java.io.UncheckedIOException e) {
      throw new BackupException(
          Kind.KEY,
          what + " can't be read from " + path + ".",
          "Put it on the first line of that file, readable for the user that runs pgfleet.",
          e);
    }
  }

  /** What it says on its way is not shown either: it may be the key. */
  private static String output(String command, String option) {
    Commands.Result result;
    try {
      result = Commands.run(List.of("/bin/sh", "-c", "exec 2>/dev/null; " + command), LIMIT);
    } catch (IOException e) {
      throw failed(option, "did not run", e);
    }
    if (!result.succeeded()) {
      throw failed(option, "ended with status " + result.status(), null);
    }
    return result.output();
  }

  private static BackupException failed(
      String option, String how, @org.jspecify.annotations.Nullable Throwable cause) {
    String message = "The command of " + option + " " + how + ".";
    String hint = "Run it by hand, as the user that runs pgfleet: it must print the key.";
    return cause == null
        ? new BackupException(Kind.KEY, message, hint)
        : new BackupException(Kind.KEY, message, hint, cause);
  }
}
