package io.pgfleet.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** With strict durability commits wait for a repository for as long as it is away. */
@Tag("slow")
class StrictRepositoryIT {
  /** More than the ten seconds after which others go on without it. */
  private static final long AWAY = 25;

  private static CompletableFuture<Integer> insert(String url, int number) {
    return CompletableFuture.supplyAsync(() -> {
      try (Connection connection = DriverManager.getConnection(url);
          Statement statement = connection.createStatement()) {
        return statement.executeUpdate("insert into noted values (" + number + ")");
      } catch (SQLException e) {
        throw new IllegalStateException(e);
      }
    });
  }

  @Test
  void noCommitIsAcknowledgedWithoutTheRepository() throws Exception {
    try (FleetProcess fleet =
        new FleetProcess(
            """
            users: { app: }
            databases: { app: { owner: app } }
            backup: { repositories: { near: { folder: repository, synchronous: true } } }
            """)) {
      String yaml = Files.readString(fleet.file());
      Files.writeString(
          fleet.file(), yaml.replace("  main:\n", "  main:\n    durability: strict\n"));
      fleet.up().expect(0);
      fleet.whole();
      fleet.sql("create table noted (number int primary key)");
      String names = "";
      for (int i = 0; i < 240 && !names.contains("pgfleet archive near"); i++) {
        Thread.sleep(250);
        names = fleet.sql("begin; show synchronous_standby_names; commit");
      }
      assertThat(names).contains("pgfleet archive near");
      String url = fleet.run("url", "--jdbc").expect(0).out().lines().findFirst().orElseThrow();
      assertThat(insert(url, 1).get(20, TimeUnit.SECONDS)).isEqualTo(1);

      Path repository = fleet.file().resolveSibling("repository");
      Path away = fleet.file().resolveSibling("away");
      Files.move(repository, away);
      Files.writeString(repository, "no folder");
      CompletableFuture<Integer> waiting = insert(url, 2);
      TimeUnit.SECONDS.sleep(AWAY);
      assertThat(waiting).isNotDone();

      Files.delete(repository);
      Files.move(away, repository);
      assertThat(waiting.get(120, TimeUnit.SECONDS)).isEqualTo(1);

      // The standby that is named is lost, and the other one is waited for in its place.
      names = fleet.sql("begin; show synchronous_standby_names; commit");
      assertThat(names).startsWith("FIRST 2 (\"pgfleet archive near\", ");
      int named = names.contains(" \"n2\"") ? 2 : 3;
      assertThat(names).contains("\"n" + named + "\"", "\"-n" + (5 - named) + "\"");
      FleetProcess.kill(fleet.processesOf(named));
      assertThat(insert(url, 3).get(60, TimeUnit.SECONDS)).isEqualTo(1);
      assertThat(fleet.sql("select count(*) from noted")).isEqualTo("3");
    }
  }
}
