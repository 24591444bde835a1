package io.pgfleet.postgres;

import io.pgfleet.postgres.data.DataFolder;
import io.pgfleet.postgres.host.FileTrees;
import io.pgfleet.postgres.host.ServerException;
import io.pgfleet.postgres.host.ServerException.Kind;
import io.pgfleet.postgres.host.ServerUser;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Writes a server's configuration files, each whole or not at all. */
final class ServerFiles {
  private static final Logger LOG = LoggerFactory.getLogger(ServerFiles.class);

  private final DataFolder data;
  private final ServerUser user;

  ServerFiles(DataFolder data, ServerUser user) {
    this.data = data;
    this.user = user;
  }

  /** Beside the data folder, not in it, so that no base backup carries the password away. */
  Path passwordFile() {
    return FileTrees.sibling(data.path(), ".pgpass");
  }

  /** Likewise, so that no base backup carries the key away. */
  Path tlsFolder() {
    return FileTrees.sibling(data.path(), ".tls");
  }

  void copy(ServerTls tls) throws IOException {
    Path folder = tlsFolder();
    if (!Files.isDirectory(folder)) {
      FileTrees.createPrivateFolder(folder, user);
    }
    replaceIfOther(folder.resolve(ServerTls.AUTHORITY), Files.readString(tls.authority()));
    replaceIfOther(folder.resolve(ServerTls.CERTIFICATE), Files.readString(tls.certificate()));
    replaceIfOther(folder.resolve(ServerTls.KEY), Files.readString(tls.key()));
  }

  void write(ServerConfig wanted, boolean alive) throws IOException {
    Path folder = data.path();
    if (wanted.tls().isPresent()) {
      copy(wanted.tls().get());
    }
    ServerConfig config = wanted;
    if (!(wanted.role() instanceof Role.Primary)) {
      config =
          wanted.withUserSettings(
              StandbyMinimums.raised(wanted.userSettings(), data.control().primarySettings()));
    }
    if (config.role() instanceof Role.Standby standby) {
      if (standby.upstream().isPresent()) {
        FileTrees.replace(
            passwordFile(), SettingsFile.passwordLine(standby.upstream().get()), user);
      }
      if (!alive && !data.isMarkedStandby()) {
        // Before the settings: a folder that is no standby any more must never start as a primary.
        FileTrees.replace(folder.resolve("standby.signal"), "", user);
      }
    } else if (config.role() instanceof Role.Recovery || config.role() instanceof Role.Paused) {
      if (!alive) {
        FileTrees.replace(folder.resolve("recovery.signal"), "", user);
        // PostgreSQL would take this one for its word, and never end its recovery.
        Files.deleteIfExists(folder.resolve("standby.signal"));
      }
    } else if (!alive && data.isMarkedStandby()) {
      throw new ServerException(
          Kind.FAILED,
          "The data in " + folder + " is a standby's and can't start as a primary.",
          "Start it as a standby and promote it.");
    }
    replaceIfOther(
        folder.resolve(SettingsFile.NAME),
        SettingsFile.text(config, folder, passwordFile(), tlsFolder()));
    replaceIfOther(folder.resolve("pg_hba.conf"), SettingsFile.hostBasedAuthentication(config));
    include(folder.resolve("postgresql.conf"));
    takeOutOwned(folder.resolve("postgresql.auto.conf"), config);
  }

  private void include(Path file) throws IOException {
    String text = read(file);
    List<String> lines = text.lines().map(String::strip).filter(line -> !line.isEmpty()).toList();
    if (lines.isEmpty() || !lines.getLast().equals(SettingsFile.INCLUDE)) {
      String end = text.isEmpty() || text.endsWith("\n") ? "" : "\n";
      FileTrees.replace(file, text + end + SettingsFile.INCLUDE + "\n", user);
    }
  }

  private void takeOutOwned(Path file, ServerConfig config) throws IOException {
    AutoSettings settings = AutoSettings.split(read(file), SettingsFile.owned(config));
    if (!settings.owned().isEmpty()) {
      LOG.warn("Settings of ALTER SYSTEM that pgfleet owns are taken out: {}", settings.owned());
      FileTrees.replace(file, settings.rest(), user);
    }
  }

  /** Settings of ours that ALTER SYSTEM has set since the last write, by name. */
  List<String> overridden(ServerConfig config) throws IOException {
    String text = read(data.path().resolve("postgresql.auto.conf"));
    return AutoSettings.split(text, SettingsFile.owned(config)).owned();
  }

  private void replaceIfOther(Path file, String text) throws IOException {
    if (!read(file).equals(text)) {
      FileTrees.replace(file, text, user);
    }
  }

  private static String read(Path file) throws IOException {
    try {
      return Files.readString(file, StandardCharsets.UTF_8);
    } catch (NoSuchFileException e) {
      return "";
    }
  }
}
