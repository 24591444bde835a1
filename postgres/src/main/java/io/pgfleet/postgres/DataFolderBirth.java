package io.pgfleet.postgres;

import io.pgfleet.postgres.data.DataFolder;
import io.pgfleet.postgres.host.Commands;
import io.pgfleet.postgres.host.FileTrees;
import io.pgfleet.postgres.host.PartialFolder;
import io.pgfleet.postgres.host.ServerException;
import io.pgfleet.postgres.host.ServerException.Kind;
import io.pgfleet.postgres.host.ServerUser;
import io.pgfleet.postgres.install.Installation;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** One run of initdb into a partial folder, which then becomes the data folder. */
final class DataFolderBirth {
  private static final Duration LIMIT = Duration.ofMinutes(5);
  private static final int BUILTIN_SINCE = 17;

  private final Installation installation;
  private final DataFolder data;
  private final ServerUser user;

  DataFolderBirth(Installation installation, DataFolder data, ServerUser user) {
    this.installation = installation;
    this.data = data;
    this.user = user;
  }

  void run(Initialization wanted) {
    data.requireNothing();
    try {
      Path parent = data.path().getParent();
      if (parent != null) {
        Files.createDirectories(parent);
      }
      user.checkReach(data.path());
      try (PartialFolder partial = PartialFolder.begin(data.path(), user)) {
        data.requireNothing();
        Path password = FileTrees.sibling(partial.path(), ".password");
        try {
          FileTrees.replace(password, wanted.password() + "\n", user);
          initdb(partial.path(), password, wanted);
        } finally {
          Files.deleteIfExists(password);
        }
        partial.complete();
      }
    } catch (IOException e) {
      throw failed(String.valueOf(e.getMessage()), e);
    }
  }

  private void initdb(Path folder, Path password, Initialization wanted) throws IOException {
    List<String> command =
        new ArrayList<>(
            List.of(
                installation.program("initdb").toString(),
                "--pgdata=" + folder,
                "--username=" + wanted.superuser(),
                "--pwfile=" + password,
                "--auth=scram-sha-256",
                "--encoding=UTF8",
                "--data-checksums",
                "--no-sync", // the whole folder is flushed before it gets its name
                "--no-instructions"));
    command.addAll(locale(wanted));
    Commands.Result result = Commands.run(user.command(command), LIMIT);
    if (!result.succeeded()) {
      throw failed(result.output(), null);
    }
  }

  private List<String> locale(Initialization wanted) throws IOException {
    if (wanted.locale().isPresent()) {
      return List.of("--locale=" + wanted.locale().get());
    }
    if (installation.majorVersion() >= BUILTIN_SINCE) {
      return List.of("--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--locale=C");
    }
    Commands.Result known = Commands.run(List.of("locale", "-a"), Duration.ofSeconds(10));
    boolean unicode =
        known.output().lines().anyMatch(name -> name.toLowerCase(Locale.ROOT).equals("c.utf8"));
    return List.of(unicode ? "--locale=C.UTF-8" : "--locale=C");
  }

  private ServerException failed(String output, @org.jspecify.annotations.Nullable Throwable e) {
    if (FileTrees.saysDiskFull(output)) {
      return new ServerException(
          Kind.DISK_FULL,
          "There is no room for a new database in " + data.path() + ".",
          "Make at least 100 MB free there, or choose another folder.",
          e);
    }
    String reason =
        output
            .lines()
            .filter(line -> line.contains("error:") || line.contains("FATAL:"))
            .findFirst()
            .orElse(output.lines().reduce((_, last) -> last).orElse("it wrote no reason"));
    return new ServerException(
        Kind.FAILED,
        "A new database could not be made in " + data.path() + ": " + reason.strip() + ".",
        "See that the folder can be written to and the programs in " + installation.bin() + " run.",
        e);
  }
}
