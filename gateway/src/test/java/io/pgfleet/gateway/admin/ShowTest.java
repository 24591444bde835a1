package io.pgfleet.gateway.admin;

import static org.assertj.core.api.Assertions.assertThat;

import io.pgfleet.gateway.observe.Account;
import io.pgfleet.gateway.observe.Figures;
import io.pgfleet.gateway.observe.Route;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

final class ShowTest {
  private static View view(Map<Account, Figures> now, Map<Account, Figures> before) {
    View.Peer peer = new View.Peer("10.0.0.1", 5432);
    View.Link link =
        new View.Link(
            7,
            "app",
            "joe",
            "active",
            peer,
            peer,
            Duration.ofSeconds(9),
            Duration.ZERO,
            8,
            4711,
            "",
            "test",
            2);
    View.Limits limits = new View.Limits("transaction", 20, 0, 0, 0, 0, Duration.ofHours(1));
    return new View(
        Instant.now(),
        List.of(new View.ClientRow(link, Duration.ofMillis(1500), "LISTEN", true)),
        List.of(new View.ServerRow(link, Route.PRIMARY, false)),
        List.of(pool(3, 1, limits, Duration.ofMillis(2500)), pool(4, 0, limits, Duration.ZERO)),
        now,
        before,
        Duration.ofSeconds(10),
        new View.State(false, false, Set.of("app"), Set.of()),
        Optional.of(peer),
        6432,
        List.of(new View.SettingRow("loops", "1", "1", false)),
        List.of());
  }

  private static View.PoolRow pool(int clients, int waiting, View.Limits limits, Duration wait) {
    return new View.PoolRow("app", "joe", clients, waiting, 1, 2, 0, 1, 0, wait, limits);
  }

  @ParameterizedTest
  @EnumSource(Show.class)
  void everyRowHasAsManyValuesAsItsTableHasColumns(Show show) {
    Map<Account, Figures> figures = Map.of(new Account("app", "joe"), new Figures());
    for (var row : new ShowRows(view(figures, Map.of())).of(show)) {
      assertThat(row).hasSize(show.columns().size());
      RowMessages.row(show.columns(), row, List.of());
      RowMessages.row(show.columns(), row, List.of((short) 1));
    }
  }

  /** The columns of PgBouncer 1.25.2, as its manual and its sources give them. */
  @ParameterizedTest
  @CsvSource(
      delimiter = ':',
      value = {
        "STATS_TOTALS:database server_assignment_count xact_count query_count bytes_received"
            + " bytes_sent xact_time query_time wait_time client_parse_count server_parse_count"
            + " bind_count",
        "STATS_AVERAGES:database server_assignment_count xact_count query_count bytes_received"
            + " bytes_sent xact_time query_time wait_time avg_client_parse_count"
            + " avg_server_parse_count avg_bind_count",
        "STATS:database total_server_assignment_count total_xact_count total_query_count"
            + " total_received total_sent total_xact_time total_query_time total_wait_time"
            + " total_client_parse_count total_server_parse_count total_bind_count"
            + " avg_server_assignment_count avg_xact_count avg_query_count avg_recv avg_sent"
            + " avg_xact_time avg_query_time avg_wait_time avg_client_parse_count"
            + " avg_server_parse_count avg_bind_count",
        "CLIENTS:type user database replication state addr port local_addr local_port"
            + " connect_time request_time wait wait_us close_needed ptr link remote_pid tls"
            + " application_name prepared_statements id",
        "DATABASES:name host port database force_user pool_size min_pool_size reserve_pool_size"
            + " server_lifetime pool_mode load_balance_hosts max_connections current_connections"
            + " max_client_connections current_client_connections paused disabled",
        "USERS:name pool_size reserve_pool_size pool_mode max_user_connections"
            + " current_connections max_user_client_connections current_client_connections",
        "LISTS:list items",
        "MEM:name size used free memtotal",
        "CONFIG:key value default changeable",
      })
  void columnsAreThoseOfPgBouncer(Show show, String columns) {
    assertThat(show.columns().stream().map(Column::name).collect(Collectors.joining(" ")))
        .isEqualTo(columns);
  }

  @Test
  void poolsOfAllLoopsCountAsOne() {
    var rows = new ShowRows(view(Map.of(), Map.of())).of(Show.POOLS);
    assertThat(rows).hasSize(2);
    assertThat(rows.getFirst().subList(0, 4)).isEqualTo(List.of("app", "joe", 6, 1));
    assertThat(rows.getFirst().subList(13, 15)).isEqualTo(List.of(2L, 500_000));
  }

  @Test
  void averagesArePerSecondAndTimesPerTransaction() {
    Figures before = new Figures();
    Figures now = new Figures();
    now.received = 5_000;
    for (int i = 0; i < 100; i++) {
      now.queries(Route.PRIMARY).record(2_000_000);
      now.transactions(Route.STANDBY).record(3_000_000);
    }
    Account account = new Account("app", "joe");
    List<@Nullable Object> row =
        new ShowRows(view(Map.of(account, now), Map.of(account, before)))
            .of(Show.STATS_AVERAGES)
            .getFirst();
    assertThat(row.subList(0, 8)).isEqualTo(List.of("app", 0L, 10L, 10L, 500L, 0L, 3_000L, 2_000L));
  }
}
