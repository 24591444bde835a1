package io.pgfleet.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import io.pgfleet.gateway.PreparedStatements.Standing;
import io.pgfleet.gateway.statement.ByteKey;
import io.pgfleet.gateway.statement.Statement;
import io.pgfleet.gateway.statement.StatementCatalog;
import io.pgfleet.gateway.statement.StatementScan;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

final class PreparedStatementsTest {
  private final StatementCatalog catalog = new StatementCatalog(100);
  private final PreparedStatements prepared = new PreparedStatements(10);

  private Statement statement(String text) {
    byte[] body = (text + "\0\0\0").getBytes(StandardCharsets.UTF_8);
    return catalog.acquire(
        new ByteKey(), ByteBuffer.wrap(body), 0, body.length, 0, new StatementScan().reads());
  }

  @Test
  void oneTextIsOneStatement() {
    assertThat(statement("SELECT 1")).isSameAs(statement("SELECT 1"));
    assertThat(statement("SELECT 1")).isNotSameAs(statement("SELECT 2"));
  }

  @Test
  void whatIsNotConfirmedCountsInItsOwnSegmentOnly() {
    Statement one = statement("SELECT 1");
    assertThat(prepared.standing(one, 3, 0)).isEqualTo(Standing.ABSENT);
    prepared.parsing(one, 3, 0);
    assertThat(prepared.standing(one, 3, 0)).isEqualTo(Standing.READY);
    assertThat(prepared.standing(one, 4, 0)).isEqualTo(Standing.UNCERTAIN);
    prepared.confirmed(one);
    assertThat(prepared.standing(one, 4, 0)).isEqualTo(Standing.READY);
    assertThat(prepared.standing(one, 4, 1)).isEqualTo(Standing.STALE);
    prepared.absent(one);
    prepared.stillThere(one);
    assertThat(prepared.standing(one, 5, 1)).isEqualTo(Standing.STALE);
  }

  @Test
  void theLeastRecentlyUsedGoFirst() {
    List<Statement> all = new ArrayList<>();
    for (int i = 0; i < 11; i++) {
      Statement statement = statement("SELECT " + i);
      all.add(statement);
      prepared.parsing(statement, 0, 0);
    }
    prepared.standing(all.get(0), 0, 0);
    assertThat(prepared.overfull()).isTrue();
    assertThat(prepared.evict()).containsExactly(all.get(1), all.get(2));
    assertThat(prepared.size()).isEqualTo(9);
  }
}
