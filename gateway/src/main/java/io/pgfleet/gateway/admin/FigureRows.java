package io.pgfleet.gateway.admin;

import io.pgfleet.gateway.observe.Account;
import io.pgfleet.gateway.observe.Figures;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** The rows of SHOW STATS and its relatives, in the order that PgBouncer gives its counters. */
final class FigureRows {
  /** The names of SHOW TOTALS, in the order of {@link #counters}. */
  private static final List<String> NAMES =
      List.of(
          "server_assignment_count",
          "xact_count",
          "query_count",
          "client_bytes",
          "server_bytes",
          "xact_time",
          "query_time",
          "wait_time",
          "ps_client_parse_count",
          "ps_server_parse_count",
          "ps_bind_count");

  private static final int ASSIGNMENTS = 0;
  private static final int TRANSACTIONS = 1;
  private static final int QUERIES = 2;
  private static final int TRANSACTION_TIME = 5;
  private static final int QUERY_TIME = 6;
  private static final int WAIT_TIME = 7;

  private FigureRows() {}

  static List<List<@Nullable Object>> stats(View view) {
    List<List<@Nullable Object>> rows = new ArrayList<>();
    sums(view.figures(), view.before())
        .forEach((database, two) -> {
          List<@Nullable Object> row = new ArrayList<>(List.of(database));
          row.addAll(counters(two.now()));
          row.addAll(averages(two, view.period()));
          rows.add(row);
        });
    return rows;
  }

  static List<List<@Nullable Object>> totals(View view) {
    List<List<@Nullable Object>> rows = new ArrayList<>();
    sums(view.figures(), view.before())
        .forEach((database, two) -> {
          List<@Nullable Object> row = new ArrayList<>(List.of(database));
          row.addAll(counters(two.now()));
          rows.add(row);
        });
    return rows;
  }

  static List<List<@Nullable Object>> averages(View view) {
    List<List<@Nullable Object>> rows = new ArrayList<>();
    sums(view.figures(), view.before())
        .forEach((database, two) -> {
          List<@Nullable Object> row = new ArrayList<>(List.of(database));
          row.addAll(averages(two, view.period()));
          rows.add(row);
        });
    return rows;
  }

  static List<List<@Nullable Object>> sums(View view) {
    Two all = new Two(new Figures(), new Figures());
    view.figures().values().forEach(all.now()::add);
    view.before().values().forEach(all.before()::add);
    List<List<@Nullable Object>> rows = new ArrayList<>();
    List<Long> totals = counters(all.now());
    List<Long> averages = averages(all, view.period());
    for (int i = 0; i < NAMES.size(); i++) {
      rows.add(ShowRows.row("total_" + NAMES.get(i), totals.get(i)));
    }
    for (int i = 0; i < NAMES.size(); i++) {
      rows.add(ShowRows.row("avg_" + NAMES.get(i), averages.get(i)));
    }
    return rows;
  }

  private record Two(Figures now, Figures before) {}

  private static Map<String, Two> sums(Map<Account, Figures> now, Map<Account, Figures> before) {
    Map<String, Two> sums = new TreeMap<>();
    now.forEach((account, figures) -> two(sums, account).now().add(figures));
    before.forEach((account, figures) -> two(sums, account).before().add(figures));
    return sums;
  }

  private static Two two(Map<String, Two> sums, Account account) {
    return sums.computeIfAbsent(
        account.database(), absent -> new Two(new Figures(), new Figures()));
  }

  private static List<Long> counters(Figures figures) {
    return List.of(
        figures.waits().count(),
        figures.transactionCount(),
        figures.queryCount(),
        figures.received,
        figures.sent,
        figures.transactionTime().toNanos() / 1_000,
        figures.queryTime().toNanos() / 1_000,
        figures.waits().sum().toNanos() / 1_000,
        figures.clientParses,
        figures.serverParses,
        figures.binds);
  }

  /** Counts and bytes per second, times per transaction, query and assignment. */
  private static List<Long> averages(Two two, Duration period) {
    List<Long> now = counters(two.now());
    List<Long> before = counters(two.before());
    double seconds = Math.max(0.001, period.toNanos() / 1e9);
    List<Long> averages = new ArrayList<>();
    for (int i = 0; i < now.size(); i++) {
      long grown = now.get(i) - before.get(i);
      int per =
          switch (i) {
            case TRANSACTION_TIME -> TRANSACTIONS;
            case QUERY_TIME -> QUERIES;
            case WAIT_TIME -> ASSIGNMENTS;
            default -> -1;
          };
      if (per < 0) {
        averages.add((long) (grown / seconds));
      } else {
        long count = now.get(per) - before.get(per);
        averages.add(count == 0 ? 0 : grown / count);
      }
    }
    return averages;
  }
}
