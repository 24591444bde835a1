package io.pgfleet.cli.fleet;

import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;

/**
 * Where pgfleet keeps things for this user (XDG Base Directory Specification). Root's own home is
 * closed to the unprivileged user that servers run as, so root uses the system's folders.
 *
 * @param data data of fleets, a folder each
 * @param cache what can be made again: unpacked binaries
 */
public record Folders(Path data, Path cache) {
  /** The folders for the user of this process; PGFLEET_HOME puts both into one place. */
  public static Folders ofUser() {
    return of(System.getenv(), System.getProperty("user.name"), System.getProperty("user.home"));
  }

  static Folders of(Map<String, String> environment, String user, String home) {
    String own = environment.get("PGFLEET_HOME");
    if (own != null && !own.isBlank()) {
      Path folder = Path.of(own).toAbsolutePath();
      return new Folders(folder.resolve("fleets"), folder.resolve("cache"));
    }
    if (user.equals("root")) {
      return new Folders(Path.of("/var/lib/pgfleet"), Path.of("/var/cache/pgfleet"));
    }
    return new Folders(
        absolute(environment.get("XDG_DATA_HOME"))
            .orElse(Path.of(home, ".local", "share"))
            .resolve("pgfleet"),
        absolute(environment.get("XDG_CACHE_HOME"))
            .orElse(Path.of(home, ".cache"))
            .resolve("pgfleet"));
  }

  /** The specification has relative paths ignored. */
  private static Optional<Path> absolute(@org.jspecify.annotations.Nullable String path) {
    return Optional.ofNullable(path).map(Path::of).filter(Path::isAbsolute);
  }
}
