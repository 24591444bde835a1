package io.pgfleet.parity.regress;

import io.pgfleet.parity.ParityException;
import io.pgfleet.parity.Programs;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.stream.Stream;

/** A source tree of PostgreSQL, as far as its regression tests are concerned. */
final class Sources {
  private static final Duration PATIENCE = Duration.ofMinutes(20);
  private static final List<String> LIBRARIES = List.of("regress.so", "autoinc.so", "refint.so");

  private final Path root;

  private Sources(Path root) {
    this.root = root;
  }

  static Sources at(Path root) {
    Sources sources = new Sources(root.toAbsolutePath());
    if (!Files.isRegularFile(sources.schedule())) {
      throw new ParityException(
          root + " is no source tree of PostgreSQL: it has no src/test/regress/parallel_schedule",
          "give the folder that holds PostgreSQL's configure script");
    }
    return sources;
  }

  private Path schedule() {
    return tests().resolve("parallel_schedule");
  }

  private Path tests() {
    return root.resolve("src/test/regress");
  }

  /** The tests in the order that PostgreSQL runs them; those of a group one after another. */
  List<String> schedule(List<String> wanted) {
    List<String> names = new ArrayList<>();
    try {
      for (String line : Files.readAllLines(schedule())) {
        if (line.startsWith("test:")) {
          names.addAll(List.of(line.substring(5).strip().split(" +")));
        }
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    for (String name : wanted) {
      if (!names.contains(name)) {
        throw new ParityException(
            "there is no test '" + name + "' in " + schedule(), "take a name from that file");
      }
    }
    return wanted.isEmpty() ? names : names.stream().filter(wanted::contains).toList();
  }

  /** The outputs that PostgreSQL's authors expect of a test; any of them is right. */
  List<String> expected(String test) {
    Path folder = tests().resolve("expected");
    try (Stream<Path> files = Files.list(folder)) {
      List<String> texts = new ArrayList<>();
      for (Path file : files.filter(file -> isOf(test, file)).toList()) {
        texts.add(Outputs.read(file));
      }
      return texts;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static boolean isOf(String test, Path file) {
    String name = file.getFileName().toString();
    return name.equals(test + ".out")
        || name.matches(java.util.regex.Pattern.quote(test) + "_\\d\\.out");
  }

  /** Compiles the C functions that the tests call, unless that was done before. */
  void buildLibraries(Consumer<String> said) throws InterruptedException {
    if (LIBRARIES.stream().allMatch(name -> Files.exists(tests().resolve(name)))) {
      return;
    }
    for (String program : List.of("gcc", "make", "perl")) {
      if (Programs.find(program).isEmpty()) {
        throw new ParityException(
            program + " is not installed, and the tests' C functions must be compiled",
            "apt-get install gcc make perl libc6-dev");
      }
    }
    said.accept("compiling the tests' C functions");
    if (!Files.exists(root.resolve("config.status"))) {
      build("./configure", "--without-readline", "--without-zlib", "--without-icu");
    }
    build("make", "-s", "-C", "src/backend", "generated-headers");
    List<String> make = new ArrayList<>(List.of("make", "-s", "-C", "src/test/regress"));
    make.addAll(LIBRARIES);
    build(make.toArray(String[]::new));
  }

  private void build(String... command) throws InterruptedException {
    Programs.Outcome outcome =
        Programs.run(List.of(command), root, Map.of("LC_ALL", "C"), PATIENCE);
    if (!outcome.succeeded()) {
      List<String> lines = outcome.output().lines().toList();
      throw new ParityException(
          String.join(" ", command)
              + " failed in "
              + root
              + ": "
              + String.join(" / ", lines.subList(Math.max(0, lines.size() - 5), lines.size())),
          "mend that, or give another source tree with --sources");
    }
  }

  /** Copies what servers and psql need to a folder that the server's user can read. */
  void copyTo(Path folder) throws IOException {
    for (String part : List.of("sql", "data")) {
      Path target = Files.createDirectory(folder.resolve(part));
      try (Stream<Path> files = Files.list(tests().resolve(part))) {
        for (Path file : files.filter(Files::isRegularFile).toList()) {
          Files.copy(file, target.resolve(file.getFileName()));
        }
      }
    }
    for (String library : LIBRARIES) {
      Files.copy(tests().resolve(library), folder.resolve(library));
    }
  }
}
