package io.pgfleet.parity.regress;

import io.pgfleet.parity.ParityException;
import io.pgfleet.parity.Programs;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.stream.Stream;

/**
 * PostgreSQL's sources from Debian's source package, by apt with lists and a cache of its own, so
 * that nothing of the system's configuration is changed.
 */
final class DebianSources {
  private static final Duration PATIENCE = Duration.ofMinutes(10);

  private final Path folder;
  private final String packageName;

  DebianSources(Path folder, int majorVersion) {
    this.folder = folder;
    this.packageName = "postgresql-" + majorVersion;
  }

  /** Downloads and unpacks them, unless that was done before; the folder they are in. */
  Path get(Consumer<String> said) throws IOException, InterruptedException {
    Path unpacked = folder.resolve(packageName);
    if (Files.exists(unpacked.resolve("configure"))) {
      return unpacked;
    }
    if (Programs.find("apt-get").isEmpty()) {
      throw new ParityException(
          "there is no apt-get here to get PostgreSQL's sources with",
          "unpack them yourself and name the folder: --sources DIR");
    }
    said.accept("getting Debian's source package " + packageName);
    for (String each : List.of("lists/partial", "archives/partial", "sources.list.d")) {
      Files.createDirectories(folder.resolve(each));
    }
    writeLists();
    apt("apt-get", "update");
    download();
    unpack(unpacked);
    return unpacked;
  }

  /** The system's lists, asking for sources in place of programs. */
  private void writeLists() throws IOException {
    List<Path> lists = new ArrayList<>();
    Path single = Path.of("/etc/apt/sources.list");
    if (Files.isRegularFile(single)) {
      lists.add(single);
    }
    Path several = Path.of("/etc/apt/sources.list.d");
    if (Files.isDirectory(several)) {
      try (Stream<Path> files = Files.list(several)) {
        files.filter(Files::isRegularFile).forEach(lists::add);
      }
    }
    for (Path list : lists) {
      String text = Files.readString(list);
      if (text.contains("debian")) {
        Files.writeString(
            folder.resolve("sources.list.d").resolve(list.getFileName()),
            text.replaceAll("(?m)^Types:.*", "Types: deb-src").replaceAll("(?m)^deb ", "deb-src "));
      }
    }
  }

  private Programs.Outcome apt(String program, String... arguments) throws InterruptedException {
    List<String> command = new ArrayList<>(List.of(program));
    Map.of(
            "Dir::Etc::sourcelist", "/dev/null",
            "Dir::Etc::sourceparts", folder.resolve("sources.list.d").toString(),
            "Dir::State::lists", folder.resolve("lists").toString(),
            "Dir::Cache", folder.resolve("cache").toString(),
            "Dir::Cache::archives", folder.resolve("archives").toString())
        .forEach((name, value) -> command.addAll(List.of("-o", name + "=" + value)));
    // the sandbox's user need not be able to write to this folder
    command.addAll(List.of("-o", "APT::Sandbox::User=root"));
    command.addAll(List.of(arguments));
    return Programs.run(command, folder, Map.of("LC_ALL", "C"), PATIENCE);
  }

  /** The newest version that the mirror still has. */
  private void download() throws InterruptedException {
    List<String> versions =
        apt("apt-cache", "showsrc", packageName)
            .output()
            .lines()
            .filter(line -> line.startsWith("Version: "))
            .map(line -> line.substring("Version: ".length()))
            .toList()
            .reversed();
    String output = "apt knows no source package of that name";
    for (String version : versions) {
      Programs.Outcome outcome =
          apt("apt-get", "source", "--download-only", packageName + "=" + version);
      if (outcome.succeeded()) {
        return;
      }
      output = outcome.output();
    }
    throw new ParityException(
        "can't get Debian's source package " + packageName + ": " + output.strip(),
        "unpack PostgreSQL's sources yourself and name the folder: --sources DIR");
  }

  private void unpack(Path target) throws IOException, InterruptedException {
    Path archive;
    try (Stream<Path> files = Files.list(folder)) {
      archive =
          files
              .filter(file -> file.getFileName().toString().matches(".*\\.orig\\.tar\\.[a-z0-9]+"))
              .findFirst()
              .orElseThrow(() ->
                  new ParityException(
                      "the source package has no .orig.tar", "name a folder: --sources DIR"));
    }
    Path partial = Files.createDirectories(folder.resolve("unpacking"));
    Programs.Outcome outcome =
        Programs.run(
            List.of("tar", "-xf", archive.toString(), "--strip-components=1"),
            partial,
            Map.of(),
            PATIENCE);
    if (!outcome.succeeded()) {
      throw new ParityException(
          "can't unpack " + archive + ": " + outcome.output(), "apt-get install bzip2 xz-utils");
    }
    Files.move(partial, target);
  }
}
