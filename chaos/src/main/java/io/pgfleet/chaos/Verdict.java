package io.pgfleet.chaos;

import io.pgfleet.chaos.check.BankCheck;
import io.pgfleet.chaos.check.Findings;
import io.pgfleet.chaos.check.Reign;
import io.pgfleet.chaos.check.ReignCheck;
import io.pgfleet.chaos.check.ReignReader;
import io.pgfleet.chaos.check.WriteCheck;
import io.pgfleet.chaos.client.Address;
import io.pgfleet.chaos.client.Journal;
import io.pgfleet.chaos.stage.GroupWatch;
import io.pgfleet.chaos.stage.LogKeeper;
import io.pgfleet.chaos.stage.Stage;
import io.pgfleet.chaos.stage.Tables;
import io.pgfleet.testkit.fleet.FleetNode;
import java.io.IOException;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Compares what clients were told with what the servers hold in the end and have logged. */
final class Verdict {
  private static final Duration PATIENCE = Duration.ofSeconds(10);
  private static final int LOOKS = 100;
  private static final int LOOK_MILLIS = 200;

  private final Stage stage;
  private final Journal journal;
  private final Findings findings;

  Verdict(Stage stage, Journal journal, Findings findings) {
    this.stage = stage;
    this.journal = journal;
    this.findings = findings;
  }

  static String version(Address address) throws SQLException {
    try (Connection connection = address.connect(Address.Protocol.SIMPLE, PATIENCE);
        Statement query = connection.createStatement();
        ResultSet rows = query.executeQuery("SHOW server_version")) {
      rows.next();
      return "PostgreSQL " + rows.getString(1);
    }
  }

  void reach(GroupWatch watch) throws IOException, SQLException, InterruptedException {
    Optional<FleetNode> primary = watch.primary();
    if (primary.isEmpty()) {
      findings.add("there is no primary in the end, so its rows can't be checked");
    } else {
      Tables.Content content = Tables.read(stage.superuser(primary.get()));
      WriteCheck.check(
          "append", journal.attempts(Journal.Kind.APPEND), content.appends(), findings);
      WriteCheck.check("probe", journal.attempts(Journal.Kind.PROBE), content.probes(), findings);
      WriteCheck.check(
          "transfer", journal.attempts(Journal.Kind.TRANSFER), content.transfers(), findings);
      BankCheck.check(Tables.opening(), content.balances(), content.ledger(), findings);
      compareStandbys(primary.get(), content);
    }
    List<Reign> reigns = new ArrayList<>();
    for (int i = 0; i < stage.nodes().size(); i++) {
      LogKeeper log = stage.logs().get(i);
      log.close();
      reigns.addAll(ReignReader.read(stage.nodes().get(i).name(), log.lines()));
    }
    if (reigns.isEmpty()) {
      findings.add("no server has logged a write, so the logs prove nothing");
    }
    ReignCheck.check(reigns, findings);
  }

  /** Nobody writes any more, so every standby comes to have the same. */
  private void compareStandbys(FleetNode primary, Tables.Content content)
      throws SQLException, InterruptedException {
    for (FleetNode node : stage.nodes()) {
      if (node.equals(primary)) {
        continue;
      }
      boolean same = false;
      for (int i = 0; i < LOOKS && !same; i++) {
        same = Tables.read(stage.superuser(node)).same(content);
        if (!same) {
          Thread.sleep(LOOK_MILLIS);
        }
      }
      if (!same) {
        findings.add(
            "standby " + node.name() + " has other rows than the primary " + primary.name());
      }
    }
  }
}
