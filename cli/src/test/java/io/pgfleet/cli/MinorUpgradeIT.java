package io.pgfleet.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** A group gets the next minor version of PostgreSQL by a rolling restart. */
@Tag("slow")
@Tag("together")
class MinorUpgradeIT {
  private static final String ARCHIVE = "postgres-linux-x86_64.txz";

  /** Put there by the build where the machine is of that kind. */
  private static final Path OLDER = Path.of("target", "older-postgres", ARCHIVE);

  private static Path unpack(FleetProcess fleet, Path archive, Path folder) throws Exception {
    Files.createDirectories(folder);
    fleet.exec(List.of("tar", "-xJf", archive.toString(), "-C", folder.toString())).expect(0);
    return folder;
  }

  private static Path embedded(Path folder) throws IOException {
    Path archive = Files.createDirectories(folder).resolve(ARCHIVE);
    try (InputStream in =
        Objects.requireNonNull(MinorUpgradeIT.class.getResourceAsStream("/" + ARCHIVE))) {
      Files.copy(in, archive);
    }
    return archive;
  }

  private static void point(Path link, Path to) throws IOException {
    Path next = Files.createSymbolicLink(link.resolveSibling("next"), to);
    Files.move(next, link, StandardCopyOption.ATOMIC_MOVE);
  }

  private static List<Path> programs(FleetProcess fleet) throws IOException {
    return fleet.serverPids().stream()
        .map(pid -> ProcessHandle.of(pid).orElseThrow().info().command().orElseThrow())
        .map(Path::of)
        .toList();
  }

  private static void awaitStatus(FleetProcess fleet, String words, boolean said) throws Exception {
    for (int i = 0; i < 60 && fleet.run("status").out().contains(words) != said; i++) {
      Thread.sleep(200);
    }
    assertThat(fleet.whole().out().contains(words)).as(words).isEqualTo(said);
  }

  @Test
  void aRollingRestartBringsTheNewProgramsAndNoClientSeesIt() throws Exception {
    assumeTrue(Files.exists(OLDER), "the build has no older PostgreSQL for this machine");
    try (FleetProcess fleet = new FleetProcess("postgres: { path: programs/current }\n")) {
      Path programs = fleet.file().resolveSibling("programs");
      Path older = unpack(fleet, OLDER.toAbsolutePath(), programs.resolve("older"));
      Path newer = unpack(fleet, embedded(programs), programs.resolve("newer"));
      Path current = programs.resolve("current");
      point(current, older);
      fleet.up().expect(0);
      String version = fleet.sql("show server_version");
      assertThat(programs(fleet)).allMatch(program -> program.startsWith(older));
      String jdbc = fleet.run("url", "--jdbc").expect(0).out().strip();
      try (NotingClient client = new NotingClient(jdbc)) {
        client.goOn();
        assertThat(fleet.whole().out()).doesNotContain("PostgreSQL");
        point(current, newer);
        awaitStatus(fleet, "n1, n2, n3 run PostgreSQL " + version + ", and ", true);
        assertThat(fleet.run("status").out())
            .contains(" is installed: 'pgfleet restart --rolling'");
        fleet.run("restart", "--rolling").expect(0);
        awaitStatus(fleet, "PostgreSQL", false);
        client.goOn(50, Duration.ofSeconds(30));
        assertThat(client.failures()).isEmpty();
        assertThat(client.lost()).isEmpty();
      }
      assertThat(programs(fleet)).hasSize(3).allMatch(program -> program.startsWith(newer));
      assertThat(fleet.sql("show server_version")).isGreaterThan(version);
      fleet.whole();
    }
  }
}
