package io.pgfleet.postgres.install;

import io.pgfleet.postgres.host.Commands;
import io.pgfleet.postgres.host.ServerException;
import io.pgfleet.postgres.host.ServerException.Kind;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** PostgreSQL as the machine's owner installed it. */
public final class InstalledPostgres {
  private static final Pattern VERSION =
      Pattern.compile("postgres \\(PostgreSQL\\) ((\\d+)[^ ]*).*", Pattern.DOTALL);
  private static final List<String> NEEDED = List.of("postgres", "initdb", "pg_ctl");
  private static final Duration LIMIT = Duration.ofSeconds(20);

  /** Where distributions put it, one folder a major version. */
  private static final List<Path> USUAL =
      List.of(Path.of("/usr/lib/postgresql"), Path.of("/opt/homebrew/opt"));

  private InstalledPostgres() {}

  /**
   * The installation at a path: the folder with the programs, or the one above it ({@code
   * /usr/lib/postgresql/15} as well as {@code /usr/lib/postgresql/15/bin}).
   *
   * @throws ServerException if there is none, it can't be run, or it is too old or unknown
   */
  public static Installation at(Path path) {
    Path absolute = path.toAbsolutePath().normalize();
    Path bin = Files.exists(absolute.resolve("bin/postgres")) ? absolute.resolve("bin") : absolute;
    List<String> missing =
        NEEDED.stream().filter(name -> !Files.isExecutable(bin.resolve(name))).toList();
    if (!missing.isEmpty()) {
      throw new ServerException(
          Kind.INSTALLATION,
          "There is no whole PostgreSQL in "
              + absolute
              + ": "
              + String.join(", ", missing)
              + " not found.",
          "Give the folder that holds postgres, initdb and pg_ctl.");
    }
    String output = versionOf(bin);
    Matcher matcher = VERSION.matcher(output);
    if (!matcher.matches()) {
      throw new ServerException(
          Kind.INSTALLATION,
          "What stands at "
              + bin.resolve("postgres")
              + " is not PostgreSQL: it says '"
              + output
              + "'.",
          "Give the folder of an installed PostgreSQL " + Installation.OLDEST_MAJOR + " or newer.");
    }
    int major = Integer.parseInt(matcher.group(2));
    if (major < Installation.OLDEST_MAJOR || major > Installation.NEWEST_MAJOR) {
      throw new ServerException(
          Kind.INSTALLATION,
          "PostgreSQL "
              + matcher.group(1)
              + " in "
              + bin
              + " can't be used: versions "
              + Installation.OLDEST_MAJOR
              + " to "
              + Installation.NEWEST_MAJOR
              + " can.",
          "Install one of those, or use the embedded one.");
    }
    return new Installation(bin, major, matcher.group(1));
  }

  private static String versionOf(Path bin) {
    try {
      return Commands.run(List.of(bin.resolve("postgres").toString(), "--version"), LIMIT).output();
    } catch (IOException e) {
      throw new ServerException(
          Kind.INSTALLATION,
          "The program " + bin.resolve("postgres") + " can't be run: " + e.getMessage() + ".",
          "See that it is made for this machine and may be run.",
          e);
    }
  }

  /** What is found in the usual folders of distributions, newest first; those too old left out. */
  public static List<Installation> find() {
    List<Installation> found = new ArrayList<>();
    for (Path folder : USUAL) {
      if (!Files.isDirectory(folder)) {
        continue;
      }
      try (var entries = Files.newDirectoryStream(folder)) {
        for (Path entry : entries) {
          if (Files.exists(entry.resolve("bin/postgres"))) {
            found.add(at(entry));
          }
        }
      } catch (IOException | ServerException ignored) {
        // one that can't be used is one that is not found
      }
    }
    found.sort(Comparator.comparingInt(Installation::majorVersion).reversed());
    return List.copyOf(found);
  }
}
